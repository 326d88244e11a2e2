#include "codebook_levels.h"

const uint16_t rdl_levels_iq2_xxs[256] = {
#include "codebooks/iq2_xxs.levels.inc"
};

const uint16_t rdl_levels_iq2_xs[512] = {
#include "codebooks/iq2_xs.levels.inc"
};

const uint16_t rdl_levels_iq2_s[1024] = {
#include "codebooks/iq2_s.levels.inc"
};

const uint16_t rdl_levels_iq3_xxs[256] = {
#include "codebooks/iq3_xxs.levels.inc"
};

const uint16_t rdl_levels_iq3_s[512] = {
#include "codebooks/iq3_s.levels.inc"
};

const uint16_t rdl_levels_iq1_s[2048] = {
#include "codebooks/iq1_s.levels.inc"
};
