/* What the reader and the writer of logits files share. */
#ifndef ROUNDEL_BENCH_LOGITS_LAYOUT_H
#define ROUNDEL_BENCH_LOGITS_LAYOUT_H

#include "logits_file.h"

#define LOGITS_MAGIC "_logits_"

enum {
    LOGITS_MAGIC_BYTES = sizeof LOGITS_MAGIC - 1,
    LOGITS_HEADER_BYTES = LOGITS_MAGIC_BYTES + 3 * 4
};

/* 20 + 4 K C. */
uint64_t logits_first_row_offset(const struct logits_shape *shape);

/* Every token is one of the vocabulary. */
bool logits_check_tokens(const struct logits_shape *shape, const int32_t *tokens,
                         struct error *error);

#endif
