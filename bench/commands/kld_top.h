/* The option --top N,N...: divergences restricted to the base's most likely tokens. */
#ifndef ROUNDEL_BENCH_KLD_TOP_H
#define ROUNDEL_BENCH_KLD_TOP_H

#include "kld_token.h"

#define ARGUMENT_TOP "N,N..."
#define HELP_TOP     "divergence among the base's top N too (default: 40)"

enum {
    KLD_DEFAULT_TOP = 40
};

bool parse_tops(const char *value, struct kld_settings *settings, struct error *error);

#endif
