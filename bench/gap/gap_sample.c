#include "gap_sample.h"

#include "philox.h"

/* The first `blocks % count` runs have one block more than the others. */
static uint64_t run_start(const struct gap_sample *sample, uint64_t run)
{
    const uint64_t longer = sample->blocks % sample->count;
    return run * (sample->blocks / sample->count) + (run < longer ? run : longer);
}

uint64_t gap_sample_block(const struct gap_sample *sample, uint64_t run)
{
    const struct philox_point point = {
        .seed = sample->seed, .element = run, .tensor = sample->tensor};
    const uint64_t start = run_start(sample, run);
    return start + philox(&point).word[0] % (run_start(sample, run + 1) - start);
}

uint64_t gap_sample_run(const struct gap_sample *sample, uint64_t block)
{
    const uint64_t length = sample->blocks / sample->count;
    const uint64_t longer = sample->blocks % sample->count;
    const uint64_t in_longer = longer * (length + 1);
    return block < in_longer ? block / (length + 1) : longer + (block - in_longer) / length;
}
