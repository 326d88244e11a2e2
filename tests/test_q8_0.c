/* Q8_0 rounds to the nearest code, ties away from zero, and just beside the ties, too. */
#include "encoders.h"
#include "suite.h"

#include <math.h>
#include <string.h>

enum {
    N = 32,
    BLOCK_BYTES = 34
};

static void check_block(const struct encoder *encoder, const float *x)
{
    uint8_t block[BLOCK_BYTES];
    const struct rdl_job job = encoder_job(encoder, 1, N);
    ck_assert_int_eq(rdl_quantize(&job, x, NULL, block, NULL), RDL_OK);
    for (int i = 0; i < N; i++) {
        const int code = (int8_t)block[2 + i];
        if ((float)code != roundf(x[i]))
            ck_abort_msg("%s: the code of %a is %d", encoder->name, (double)x[i], code);
    }
}

/* With 127 as the largest weight scale and inverse are 1, and codes are rounded weights. */
START_TEST(weights_about_ties)
{
    size_t count;
    const struct encoder *encoder = &kernel_list(&count)[_i];
    if (encoder->format != RDL_Q8_0 || encoder->with_importance)
        return;
    for (int k = 0; k < 127; k++) {
        const float tie = (float)k + 0.5f;
        float x[N] = {127.0f, -127.0f, -0.0f};
        for (int i = 3; i < N; i++) {
            const float beside[] = {tie, nextafterf(tie, 0.0f), nextafterf(tie, 128.0f)};
            x[i] = i % 2 ? beside[i % 3] : -beside[i % 3];
        }
        check_block(encoder, x);
    }
}
END_TEST

int main(void)
{
    size_t count;
    (void)kernel_list(&count);
    Suite *suite = suite_create("q8_0");
    TCase *tcase = tcase_create("q8_0");
    tcase_add_loop_test(tcase, weights_about_ties, 0, (int)count);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
