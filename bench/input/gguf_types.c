/*
 * Ids and sizes from ggml's and ik_llama.cpp's type tables as of August 2026. ik_llama.cpp's types
 * begin at 97.
 */
#include "gguf_types.h"

#include <stddef.h>
#include <string.h>

static const struct gguf_type types[] = {
    /* clang-format off */
    {0, "F32", 1, 4, 0},
    {1, "F16", 1, 2, 0},
    {2, "Q4_0", 32, 18, 0},
    {3, "Q4_1", 32, 20, 0},
    {6, "Q5_0", 32, 22, 0},
    {7, "Q5_1", 32, 24, 0},
    {8, "Q8_0", 32, 34, 0},
    {9, "Q8_1", 32, 36, 0},
    {10, "Q2_K", 256, 84, 0},
    {11, "Q3_K", 256, 110, 0},
    {12, "Q4_K", 256, 144, 0},
    {13, "Q5_K", 256, 176, 0},
    {14, "Q6_K", 256, 210, 0},
    {15, "Q8_K", 256, 292, 0},
    {16, "IQ2_XXS", 256, 66, 0},
    {17, "IQ2_XS", 256, 74, 0},
    {18, "IQ3_XXS", 256, 98, 0},
    {19, "IQ1_S", 256, 50, 0},
    {20, "IQ4_NL", 32, 18, 0},
    {21, "IQ3_S", 256, 110, 0},
    {22, "IQ2_S", 256, 82, 0},
    {23, "IQ4_XS", 256, 136, 0},
    {24, "I8", 1, 1, 0},
    {25, "I16", 1, 2, 0},
    {26, "I32", 1, 4, 0},
    {27, "I64", 1, 8, 0},
    {28, "F64", 1, 8, 0},
    {29, "IQ1_M", 256, 56, 0},
    {30, "BF16", 1, 2, 0},
    {34, "TQ1_0", 256, 54, 0},
    {35, "TQ2_0", 256, 66, 0},
    {39, "MXFP4", 32, 17, 0},
    {40, "NVFP4", 64, 36, 0},
    {41, "Q1_0", 128, 18, 0},
    {42, "Q2_0", 64, 18, 0},
    {97, "Q8_0_X4", 32, 34, 0},
    {98, "Q8_1_X4", 32, 36, 0},
    {99, "Q8_2_X4", 32, 36, 0},
    {133, "Q6_0", 32, 26, 0},
    {134, "IQ1_BN", 64, 13, 2},
    {135, "IQ2_BN", 64, 16, 4},
    {136, "Q8_K64", 64, 68, 0},
    {137, "IQ2_K", 256, 76, 0},
    {138, "IQ3_K", 256, 110, 0},
    {139, "IQ4_K", 256, 144, 0},
    {140, "IQ5_K", 256, 176, 0},
    {141, "IQ6_K", 256, 212, 0},
    {144, "IQ4_KS", 256, 136, 4},
    {145, "IQ2_KS", 256, 70, 2},
    {146, "IQ4_KSS", 256, 128, 4},
    {147, "Q8_K16", 64, 64, 20},
    {148, "Q8_K32", 256, 296, 0},
    {149, "Q8_KR8", 256, 296, 0},
    {150, "Q8_K128", 128, 140, 0},
    {151, "Q8_KV", 32, 32, 8},
    {152, "IQ5_KS", 256, 168, 4},
    {153, "IQ2_KT", 256, 68, 4},
    {154, "IQ3_KT", 256, 100, 4},
    {155, "IQ4_KT", 256, 128, 4},
    {156, "IQ3_KS", 256, 102, 2},
    {157, "IQ2_KL", 256, 86, 2},
    {158, "IQ1_KT", 256, 56, 4},
    /* clang-format on */
};

static const struct refusal {
    uint32_t first, last;
    const char *text;
} refusals[] = {
    {4, 5, "was removed from ggml (Q4_2, Q4_3)"},
    {31, 33, "was removed from ggml (a repacked Q4_0)"},
    {36, 36, "is ambiguous (a repacked IQ4_NL removed from ggml, or I2_S of ik_llama.cpp)"},
    {37, 38, "was removed from ggml (a repacked IQ4_NL)"},
    {202, 353, "belongs to the row-interleaved types of ik_llama.cpp, which Roundel does not know"},
    {397, 399, "belongs to the row-interleaved types of ik_llama.cpp, which Roundel does not know"},
};

const struct gguf_type *gguf_type_find(uint32_t id)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].id == id)
            return &types[i];
    return NULL;
}

const struct gguf_type *gguf_type_named(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const char *gguf_type_refusal(uint32_t id)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (id >= refusals[i].first && id <= refusals[i].last)
            return refusals[i].text;
    return "is unknown";
}

bool gguf_type_bytes(const struct gguf_type *type, uint64_t ncols, uint64_t nrows, uint64_t *bytes)
{
    uint64_t row;
    return !__builtin_mul_overflow(ncols / type->block_length, (uint64_t)type->block_bytes, &row) &&
           !__builtin_add_overflow(row, (uint64_t)type->row_bytes, &row) &&
           !__builtin_mul_overflow(row, nrows, bytes);
}
