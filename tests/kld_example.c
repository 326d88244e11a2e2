#include "kld_example.h"

#include <check.h>

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

void kld_example_make(struct kld_example *example)
{
    uint32_t state = 12345;
    example->shape = (struct logits_shape){EXAMPLE_CONTEXT, EXAMPLE_VOCABULARY, EXAMPLE_CHUNKS};
    for (int i = 0; i < EXAMPLE_CHUNKS * EXAMPLE_CONTEXT; i++)
        example->tokens[i] = (int32_t)(draw(&state) % 5);
    for (int row = 0; row < EXAMPLE_ROWS; row++) {
        const uint32_t target = logits_target(&example->shape, example->tokens, (uint64_t)row);
        float *base = example->base[row], *other = example->other[row];
        for (uint32_t i = 0; i < EXAMPLE_VOCABULARY; i++) {
            base[i] = ((float)(draw(&state) % 1024) - 512.0f) / 128.0f;
            base[i] -= i == 4 ? 10.0f : 0.0f;
            base[i] += i == target && row % 10 != 9 ? 6.0f : 0.0f;
        }
        for (uint32_t i = 0; i < EXAMPLE_VOCABULARY; i++)
            other[i] = base[i] + ((float)(draw(&state) % 128) - 64.0f) / 128.0f;
    }
}

void kld_example_write(const struct kld_example *example, const float *logits, float range,
                       const char *path)
{
    struct logits_writer writer;
    struct error error;
    ck_assert(logits_writer_open(&writer, path, &example->shape, example->tokens, range, &error));
    for (int row = 0; row < EXAMPLE_ROWS; row++)
        ck_assert(logits_writer_add(&writer, logits + row * EXAMPLE_VOCABULARY, &error));
    ck_assert_msg(logits_writer_commit(&writer, &error), "%s", error.text);
    logits_writer_close(&writer);
}

const struct kld_settings kld_example_settings = {
    .cutoff = KLD_CUTOFF, .ntops = 4, .tops = {2, 3, 4, EXAMPLE_VOCABULARY}};

void kld_example_feed(const struct kld_example *example, struct kld_base *base, int row,
                      float range)
{
    uint8_t bytes[64];
    struct logits_row facts;
    struct error error;
    if (range == 0.0f) {
        kld_base_of_logits(base, example->base[row]);
        return;
    }
    ck_assert_uint_le(logits_row_bytes(EXAMPLE_VOCABULARY), sizeof bytes);
    logits_row_encode(example->base[row], EXAMPLE_VOCABULARY, range, bytes);
    ck_assert(
        logits_row_decode(bytes, EXAMPLE_VOCABULARY, base->log_probabilities, &facts, &error));
    kld_base_of_log_probabilities(base);
}

struct kld_tokens kld_example_tokens(const struct kld_example *example, float range, int first,
                                     int step, int times)
{
    struct kld_tokens tokens = {.per_chunk = EXAMPLE_PER_CHUNK};
    struct kld_base base;
    struct error error;
    ck_assert(kld_base_open(&base, &kld_example_settings, EXAMPLE_VOCABULARY, &error));
    for (int i = 0; i < times * EXAMPLE_ROWS; i++) {
        const int chunk = (first + step * (i / EXAMPLE_PER_CHUNK)) % EXAMPLE_CHUNKS;
        const int row = chunk * EXAMPLE_PER_CHUNK + i % EXAMPLE_PER_CHUNK;
        const uint32_t target = logits_target(&example->shape, example->tokens, (uint64_t)row);
        kld_example_feed(example, &base, row, range);
        const struct kld_other other = kld_other_of_logits(example->other[row], EXAMPLE_VOCABULARY);
        struct kld_token token;
        kld_token_of(&base, &other, target, &token);
        ck_assert(kld_tokens_add(&tokens, &token, &error));
    }
    kld_base_close(&base);
    return tokens;
}
