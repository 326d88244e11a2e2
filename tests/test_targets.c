/*
 * test_targets TARGET: every kernel that the library has for the target must equal the scalar one.
 * Target `wide` is simd/ in plain C. Exit status 77 (skipped) if there is nothing to compare: the
 * library has no such kernels, or this machine cannot run them.
 */
#include "equality.h"
#include "target_argument.h"
#include "wide_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 0x7A26E7

static size_t ncompared, nfailed;

static void count_verdict(bool agree, const struct error *error)
{
    ncompared++;
    if (agree)
        return;
    nfailed++;
    puts(error->text);
}

static void compare_encoder(const struct encoder *encoder)
{
    const struct rdl_job job = encoder_job(encoder, 1, encoder->info->block_length);
    const struct encoder_pair pair = {
        .name = encoder->name,
        .info = encoder->info,
        .with_importance = encoder->with_importance,
        .reference = find_encode(encoder->format, encoder->rounding, encoder->weighting,
                                 encoder->with_importance, RDL_SCALAR),
        .candidate = encoder->encode,
        .decode = find_decode(encoder->format, RDL_SCALAR),
        .scratch_size = job.scratch_size,
        .tables = job.tables,
    };
    struct error error;
    if (pair.reference && pair.decode)
        count_verdict(encoders_agree(&pair, SEED, &error), &error);
    else
        count_verdict(fail(&error, "%s: no scalar kernel to compare with", encoder->name), &error);
}

static void compare_decoder(const struct decoder *decoder)
{
    const struct decoder_pair pair = {
        .name = decoder->name,
        .info = decoder->info,
        .reference = find_decode(decoder->format, RDL_SCALAR),
        .candidate = decoder->decode,
    };
    struct error error;
    if (pair.reference)
        count_verdict(decoders_agree(&pair, SEED, &error), &error);
    else
        count_verdict(fail(&error, "%s: no scalar kernel to compare with", decoder->name), &error);
}

static void compare_all(const struct encoder *encoders, size_t nencoders,
                        const struct decoder *decoders, size_t ndecoders, enum rdl_target target)
{
    for (size_t i = 0; i < nencoders; i++)
        if (encoders[i].target == target)
            compare_encoder(&encoders[i]);
    for (size_t i = 0; i < ndecoders; i++)
        if (decoders[i].target == target)
            compare_decoder(&decoders[i]);
}

int main(int argc, char **argv)
{
    enum rdl_target target = RDL_TARGET_COUNT;
    const bool wide = argc == 2 && strcmp(argv[1], "wide") == 0;
    if (argc != 2 || (!wide && !target_argument(argv[1], &target))) {
        puts("usage: test_targets TARGET");
        return EXIT_FAILURE;
    }
    if (!wide && !(rdl_detect_targets() >> target & 1u)) {
        printf("skipped: this machine does not offer %s\n", argv[1]);
        return SKIPPED;
    }
    size_t nencoders, ndecoders;
    const struct encoder *encoders = wide ? wide_encoder_list(&nencoders) : kernel_list(&nencoders);
    const struct decoder *decoders =
        wide ? wide_decoder_list(&ndecoders) : decoder_list(&ndecoders);
    compare_all(encoders, nencoders, decoders, ndecoders, target);
    if (ncompared == 0) {
        printf("skipped: the library has no kernels for %s\n", argv[1]);
        return SKIPPED;
    }
    printf("%s: %zu kernels compared with scalar, %zu differ\n", argv[1], ncompared, nfailed);
    return nfailed ? EXIT_FAILURE : EXIT_SUCCESS;
}
