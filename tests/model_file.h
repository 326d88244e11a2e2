/* Small GGUF models for tests, in ggml's layout, of weights that a test can compute again. */
#ifndef ROUNDEL_TESTS_MODEL_FILE_H
#define ROUNDEL_TESTS_MODEL_FILE_H

#include "gguf_builder.h"

/* A tensor of the model; a type of GGUF_F32, GGUF_F16 or GGUF_BF16 with at most three dimensions,
 * or another one, whose bytes are then 0xA5. */
struct model_tensor {
    const char *name;
    uint32_t type, ndims;
    uint64_t dims[3];
};

static inline uint64_t model_numel(const struct model_tensor *tensor)
{
    uint64_t numel = 1;
    for (uint32_t i = 0; i < tensor->ndims; i++)
        numel *= tensor->dims[i];
    return numel;
}

/* Weight i of tensor t: about -1 to 1, every one a number of binary16 and of bfloat16. */
static inline float model_weight(size_t t, uint64_t i)
{
    const uint64_t mixed = (i + 1) * 2654435761u + (t + 7) * 40503u;
    return (float)((int)(mixed >> 9 & 0xFF) - 128) / 128.0f;
}

/* `keys` are the records of `nkeys` keys. */
static inline void put_model(struct bytes *file, const struct model_tensor *tensors, size_t count,
                             const struct bytes *keys, uint64_t nkeys)
{
    struct bytes data = {0};
    put_header(file, 3, count, nkeys);
    put(file, keys->data, keys->size);
    for (size_t t = 0; t < count; t++) {
        const struct model_tensor *tensor = &tensors[t];
        put_tensor_named(file, tensor->name, strlen(tensor->name), tensor->ndims, tensor->dims,
                         tensor->type, data.size);
        for (uint64_t i = 0; i < model_numel(tensor); i++) {
            const float weight = model_weight(t, i);
            uint32_t bits;
            memcpy(&bits, &weight, sizeof bits);
            const uint16_t upper = (uint16_t)(bits >> 16);
            if (tensor->type == GGUF_F32)
                put_f32(&data, weight);
            else if (tensor->type == GGUF_BF16)
                put(&data, &upper, sizeof upper);
            else
                put_repeated(&data, 0xA5, 4);
        }
        put_padding(&data, 32);
    }
    put_padding(file, 32);
    put(file, data.data, data.size);
    bytes_free(&data);
}

#endif
