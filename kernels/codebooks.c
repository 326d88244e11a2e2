/* The vector codebooks. Their numbers are in codebooks/, with the script that makes C of them. */
#include "codebooks.h"

const float rdl_iq4_nl_values[16] = {-127.0f, -104.0f, -83.0f, -65.0f, -49.0f, -35.0f,
                                     -22.0f,  -10.0f,  1.0f,   13.0f,  25.0f,  38.0f,
                                     53.0f,   69.0f,   89.0f,  113.0f};

static const uint8_t iq2_xxs[256][8] = {
#include "codebooks/iq2_xxs.inc"
};

static const uint8_t iq2_xs[512][8] = {
#include "codebooks/iq2_xs.inc"
};

static const uint8_t iq2_s[1024][8] = {
#include "codebooks/iq2_s.inc"
};

static const uint8_t iq3_xxs[256][4] = {
#include "codebooks/iq3_xxs.inc"
};

static const uint8_t iq3_s[512][4] = {
#include "codebooks/iq3_s.inc"
};

static const int8_t iq1_s[2048][8] = {
#include "codebooks/iq1_s.inc"
};

const uint8_t rdl_codebook_signs7[128] = {
#include "codebooks/signs7.inc"
};

const struct rdl_codebook rdl_codebook_iq2_xxs = {iq2_xxs, 256, 8, 3, 0, 4};
const struct rdl_codebook rdl_codebook_iq2_xs = {iq2_xs, 512, 8, 3, 0, 4};
const struct rdl_codebook rdl_codebook_iq2_s = {iq2_s, 1024, 8, 3, 0, 4};
const struct rdl_codebook rdl_codebook_iq3_xxs = {iq3_xxs, 256, 4, 8, 0, 3};
const struct rdl_codebook rdl_codebook_iq3_s = {iq3_s, 512, 4, 8, 0, 1};
const struct rdl_codebook rdl_codebook_iq1_s = {iq1_s, 2048, 8, 3, 1, 0};
