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
