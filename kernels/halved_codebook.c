#include "halved_codebook.h"

static size_t half_of(const struct rdl_codebook *codebook, int row, int first)
{
    size_t half = 0;
    for (int i = first + codebook->length / 2; i-- > first;)
        half = half * codebook->levels + rdl_codebook_level(codebook, row, i);
    return half;
}

void rdl_halve_codebook(const struct rdl_codebook *codebook, struct rdl_halved_codebook *halved)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries;
    const int length = codebook->length;
    halved->rows = codebook->rows;
    halved->half_length = (size_t)length / 2;
    halved->levels = codebook->levels;
    halved->runs = 0;
    for (int row = 0; row < codebook->rows; row++) {
        const uint8_t last = (uint8_t)half_of(codebook, row, length / 2);
        halved->first[row] = (uint8_t)half_of(codebook, row, 0);
        if (row == 0 || last != halved->last[halved->runs - 1] ||
            row == halved->begin[halved->runs - 1] + RDL_RUN_ROWS) {
            halved->last[halved->runs] = last;
            halved->begin[halved->runs++] = (uint16_t)row;
        }
        for (int i = 0; i < length; i++)
            halved->magnitudes[rdl_codebook_level(codebook, row, i)] =
                (float)entries[row * length + i];
    }
    halved->begin[halved->runs] = codebook->rows;
    for (size_t i = 0; i < RDL_RUN_ROWS; i++)
        halved->first[halved->rows + i] = 0;
}
