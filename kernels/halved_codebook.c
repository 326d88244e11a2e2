#include "halved_codebook.h"

static uint16_t half_of(const struct rdl_codebook *codebook, int row, int first)
{
    size_t half = 0;
    for (int i = first + codebook->length / 2; i-- > first;)
        half = half * codebook->levels + rdl_codebook_level(codebook, row, i);
    return (uint16_t)(half * RDL_HALF_STEP);
}

void rdl_halve_codebook(const struct rdl_codebook *codebook, struct rdl_halved_codebook *halved)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries;
    const int length = codebook->length;
    size_t run = 0;
    halved->rows = codebook->rows;
    halved->half_length = (size_t)length / 2;
    halved->levels = codebook->levels;
    for (int row = 0; row < codebook->rows; row++) {
        const uint16_t first = half_of(codebook, row, 0), last = half_of(codebook, row, length / 2);
        const bool begins =
            row == 0 || last != halved->last[run] || row == halved->begin[run] + RDL_RUN_ROWS;
        run += begins && row > 0;
        if (begins) {
            halved->last[run] = last;
            halved->begin[run] = (uint16_t)row;
        }
        for (int i = row - halved->begin[run]; i < RDL_RUN_ROWS; i++)
            halved->first[run][i] = first;
        for (int i = 0; i < length; i++)
            halved->magnitudes[rdl_codebook_level(codebook, row, i)] =
                (float)entries[row * length + i];
    }
    halved->runs = run + 1;
    halved->begin[halved->runs] = codebook->rows;
}
