#include "content_hash.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    PIECE = 1 << 20
};

const char *content_hash_text(XXH128_hash_t hash, char text[CONTENT_HASH_TEXT])
{
    snprintf(text, CONTENT_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    return text;
}

static bool hash_pieces(const struct source *source, uint64_t offset, uint64_t nbytes,
                        XXH3_state_t *state, void *piece, struct error *error)
{
    XXH3_128bits_reset(state);
    while (nbytes > 0) {
        const size_t size = nbytes < PIECE ? (size_t)nbytes : PIECE;
        if (!source_read(source, offset, piece, size, error))
            return false;
        XXH3_128bits_update(state, piece, size);
        offset += size;
        nbytes -= size;
    }
    return true;
}

bool content_hash_range(const struct source *source, uint64_t offset, uint64_t nbytes,
                        XXH128_hash_t *hash, struct error *error)
{
    XXH3_state_t *state = XXH3_createState();
    void *piece = malloc(PIECE);
    bool good = (state && piece) || fail(error, "out of memory");
    good = good && hash_pieces(source, offset, nbytes, state, piece, error);
    if (good)
        *hash = XXH3_128bits_digest(state);
    free(piece);
    XXH3_freeState(state);
    return good;
}
