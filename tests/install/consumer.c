/*
 * A small program on the installed library: exit status 0 if a row survives Q8_0. Its largest
 * magnitude is 127, so the scale is exactly 1 and every integer decodes to itself.
 */
#include <roundel.h>

#include <stdio.h>
#include <string.h>

#define COLUMNS         64
#define MAX_BLOCKS_SIZE 256

int main(void)
{
    float row[COLUMNS];
    float decoded[COLUMNS];
    unsigned char blocks[MAX_BLOCKS_SIZE];
    for (int i = 0; i < COLUMNS; i++) {
        row[i] = (float)(i % 32 == 5 ? 127 : i - COLUMNS / 2);
    }
    struct rdl_job job = {
        .format = RDL_Q8_0,
        .rounding = RDL_NEAREST,
        .weighting = RDL_NATIVE,
        .target = RDL_SCALAR,
        .nrows = 1,
        .ncols = COLUMNS,
    };
    if (rdl_blocks_size(job.format, job.nrows, job.ncols) > sizeof blocks) {
        fputs("blocks larger than the buffer\n", stderr);
        return 1;
    }
    enum rdl_status status = rdl_quantize(&job, row, NULL, blocks, NULL);
    if (status == RDL_OK) {
        status = rdl_dequantize(&job, blocks, decoded);
    }
    if (status != RDL_OK) {
        fprintf(stderr, "%s\n", rdl_status_text(status));
        return 1;
    }
    if (memcmp(row, decoded, sizeof row) != 0) {
        fputs("the row did not survive\n", stderr);
        return 1;
    }
    printf("roundel %s\n", rdl_version());
    return 0;
}
