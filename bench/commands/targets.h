/* What this machine offers, as a JSON value: the body of `roundel targets --json`. */
#ifndef ROUNDEL_BENCH_TARGETS_H
#define ROUNDEL_BENCH_TARGETS_H

#include "topology.h"
#include <jansson.h>

/*
 * Members "cpu", "topology", "targets" (with "detected"), "encoders" and "decoders" (what the
 * library holds). `detected` comes from rdl_detect_targets(). NULL without memory.
 */
json_t *targets_json(const struct topology *topology, unsigned detected);

#endif
