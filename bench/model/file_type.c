/*
 * Numbers of enum llama_ftype (llama.cpp, include/llama.h). Where llama.cpp has several mixes of
 * one format, the number is that of the purest: "Small" (Q3_K_S, Q4_K_S, Q5_K_S), and Q2_K, whose
 * "Small" mix is the other one.
 */
#include "file_type.h"

#include "gguf_types.h"
#include "roundel.h"

static const struct {
    enum rdl_format format;
    uint32_t file_type;
} numbers[] = {
    {RDL_Q4_0, 2},     {RDL_Q8_0, 7},   {RDL_Q5_0, 8},    {RDL_Q2_K, 10},    {RDL_Q3_K, 11},
    {RDL_Q4_K, 14},    {RDL_Q5_K, 16},  {RDL_Q6_K, 18},   {RDL_IQ2_XXS, 19}, {RDL_IQ2_XS, 20},
    {RDL_IQ3_XXS, 23}, {RDL_IQ1_S, 24}, {RDL_IQ4_NL, 25}, {RDL_IQ3_S, 26},   {RDL_IQ2_S, 28},
    {RDL_IQ4_XS, 30},  {RDL_IQ1_M, 31}, {RDL_TQ1_0, 36},  {RDL_TQ2_0, 37},   {RDL_MXFP4, 38},
};

bool file_type_of(uint32_t gguf_type, uint32_t *file_type)
{
    *file_type = gguf_type == GGUF_F16 ? 1 : gguf_type == GGUF_BF16 ? 32 : 0;
    if (gguf_type == GGUF_F32 || gguf_type == GGUF_F16 || gguf_type == GGUF_BF16)
        return true;
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (rdl_format_info(numbers[i].format)->gguf_type == gguf_type) {
            *file_type = numbers[i].file_type;
            return true;
        }
    return false;
}
