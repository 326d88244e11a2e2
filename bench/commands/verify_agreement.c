/* roundel verify --targets-agree: the comparison of targets with scalar, as text and JSON. */
#include "agreement.h"
#include "options.h"
#include "report.h"
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static void print_place(const struct agreement_difference *d, int digits)
{
    printf(", %zu x %zu: row %zu, block %zu, %s %zu: 0x%0*" PRIx32 " instead of 0x%0*" PRIx32 "\n",
           d->nrows, d->ncols, d->row, d->block, d->decoding ? "weight" : "byte", d->index, digits,
           d->target, digits, d->scalar);
}

static void print_first(const struct agreement *agreement, uint64_t seed)
{
    const struct agreement_difference *d = &agreement->first;
    if (!d->found)
        return;
    printf("%s: first difference: ", rdl_target_name(agreement->target));
    if (d->decoding) {
        printf("decoding %s, %s, seed %" PRIu64, rdl_format_info(d->format)->name, d->blocks, seed);
        print_place(d, 8);
    } else {
        printf("%s by %s, weighting %s, weights %s, importance %s, seed %" PRIu64,
               rdl_format_info(d->format)->name, rdl_rounding_name(d->rounding),
               rdl_weighting_name(d->weighting), d->weights, d->importance, seed);
        print_place(d, 2);
    }
}

static void print_agreement(const struct agreement *agreement, uint64_t seed)
{
    printf("%s: %zu encoders and %zu decoders compared with scalar: %" PRIu64 " blocks, %" PRIu64
           " different\n",
           rdl_target_name(agreement->target), agreement->encoders, agreement->decoders,
           agreement->blocks, agreement->different);
    print_first(agreement, seed);
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *difference_json(const struct agreement_difference *d)
{
    if (!d->found)
        return json_null();
    return json_pack(
        "{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "kernel",
        d->decoding ? "decoder" : "encoder", "format", rdl_format_info(d->format)->name, "rounding",
        d->decoding ? NULL : rdl_rounding_name(d->rounding), "weighting",
        d->decoding ? NULL : rdl_weighting_name(d->weighting), "weights", d->weights, "importance",
        d->importance, "blocks", d->blocks, "rows", (json_int_t)d->nrows, "columns",
        (json_int_t)d->ncols, "row", (json_int_t)d->row, "block", (json_int_t)d->block, "index",
        (json_int_t)d->index, "scalar", (json_int_t)d->scalar, "target", (json_int_t)d->target);
}

static json_t *agreement_json(const struct agreement *agreement)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "target", rdl_target_name(agreement->target),
                     "encoders", (json_int_t)agreement->encoders, "decoders",
                     (json_int_t)agreement->decoders, "blocks", (json_int_t)agreement->blocks,
                     "different", (json_int_t)agreement->different, "first_difference",
                     difference_json(&agreement->first));
}

/* NULL without memory. */
static json_t *report_json(const struct agreement *agreements, size_t count, uint64_t seed)
{
    json_t *report = report_new("verify");
    json_t *results = json_array();
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good = json_array_append_new(results, agreement_json(&agreements[i])) == 0 && good;
    good = json_object_set_new(report, "seed", json_integer((json_int_t)seed)) == 0 && good;
    good = json_object_set_new(report, "results", results) == 0 && good;
    if (good)
        return report;
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

int verify_agreement(const struct verify_options *options, struct error *error)
{
    const struct agreement_options check = {
        .seed = options->seed,
        .formats = (1u << RDL_FORMAT_COUNT) - 1,
        .quantize = rdl_quantize,
        .dequantize = rdl_dequantize,
    };
    struct agreement agreements[RDL_TARGET_COUNT];
    size_t count = 0;
    bool differ = false;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        if (t == RDL_SCALAR || !(options->targets >> t & 1u))
            continue;
        struct agreement *agreement = &agreements[count++];
        if (!agreement_check(&check, (enum rdl_target)t, agreement, error))
            return STATUS_INTERNAL;
        differ |= agreement->different > 0;
        if (verify_prints_table(options))
            print_agreement(agreement, options->seed);
    }
    if (count == 0 && verify_prints_table(options))
        puts("No target but scalar: nothing to compare.");
    if (options->json &&
        !report_write(report_json(agreements, count, options->seed), options->json, error))
        return STATUS_INTERNAL;
    return differ ? STATUS_DIFFERENT : STATUS_OK;
}
