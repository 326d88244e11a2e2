#include "golden_hashes.h"

#include "array.h"
#include "golden_input.h"
#include "job_memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ------------------------------------------------------------------------------------------------
 * The table
 */

struct known_hash {
    const char *format, *rounding, *weighting, *importance;
    struct hash_pair hashes;
};

#define GOLDEN_INPUT(weights, importance)
#define GOLDEN_HASH(format, rounding, weighting, importance, encoded, decoded)                     \
    {format, rounding, weighting, importance, {UINT64_C(encoded), UINT64_C(decoded)}},
static const struct known_hash known_hashes[] = {
#include "golden_hashes.def"
};
#undef GOLDEN_INPUT
#undef GOLDEN_HASH

#define GOLDEN_INPUT(weights, importance)                                                          \
    static const uint64_t known_weights = UINT64_C(weights);                                       \
    static const uint64_t known_importance = UINT64_C(importance);
#define GOLDEN_HASH(format, rounding, weighting, importance, encoded, decoded)
#include "golden_hashes.def"
#undef GOLDEN_INPUT
#undef GOLDEN_HASH

enum {
    NKNOWN = sizeof known_hashes / sizeof known_hashes[0]
};

const char *hash_importance_name(bool has_importance)
{
    return has_importance ? "importance" : "plain";
}

static bool is_about(const struct known_hash *known, const struct hash_key *key)
{
    return strcmp(known->format, rdl_format_info(key->format)->name) == 0 &&
           strcmp(known->rounding, rdl_rounding_name(key->rounding)) == 0 &&
           strcmp(known->weighting, rdl_weighting_name(key->weighting)) == 0 &&
           strcmp(known->importance, hash_importance_name(key->has_importance)) == 0;
}

static const struct known_hash *find_known(const struct hash_key *key)
{
    for (size_t i = 0; i < NKNOWN; i++)
        if (is_about(&known_hashes[i], key))
            return &known_hashes[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Keys
 */

static bool has_encoder(const struct hash_key *key, enum rdl_target target)
{
    return rdl_encoder_support(key->format, key->rounding, key->weighting, target) &
           (key->has_importance ? RDL_WITH_IMPORTANCE : RDL_PLAIN);
}

typedef bool key_fn(void *context, const struct hash_key *key, struct error *error);

/* Calls `take` for every key that has an encoder; each has one in plain C. */
static bool each_key(key_fn *take, void *context, struct error *error)
{
    for (unsigned number = 0;
         number < RDL_FORMAT_COUNT * RDL_FIRST_SEARCH * RDL_WEIGHTING_COUNT * 2; number++) {
        const unsigned weighting = number / 2;
        const unsigned rounding = weighting / RDL_WEIGHTING_COUNT;
        const struct hash_key key = {
            .format = (enum rdl_format)(rounding / RDL_FIRST_SEARCH),
            .rounding = (enum rdl_rounding)(rounding % RDL_FIRST_SEARCH),
            .weighting = (enum rdl_weighting)(weighting % RDL_WEIGHTING_COUNT),
            .has_importance = number % 2,
        };
        if (has_encoder(&key, RDL_SCALAR) && !take(context, &key, error))
            return false;
    }
    return true;
}

static bool count_known(void *context, const struct hash_key *key, struct error *error)
{
    (void)error;
    *(size_t *)context += find_known(key) != NULL;
    return true;
}

size_t golden_hashes_stale(void)
{
    struct error error;
    size_t known = 0;
    each_key(count_known, &known, &error);
    return NKNOWN - known;
}

/* ------------------------------------------------------------------------------------------------
 * Computing
 */

/* The input, and room for what becomes of it. */
struct workplace {
    float *x, *importance, *decoded;
    uint8_t *reference, *blocks; /* of plain C; of the target under test */
};

enum {
    /* No format has more bytes per weight than Q8_0's 34 for 32. */
    BLOCKS_BYTES = GOLDEN_INPUT_WEIGHTS / 32 * 34
};

static void close_workplace(struct workplace *place)
{
    free(place->x);
    free(place->importance);
    free(place->decoded);
    free(place->reference);
    free(place->blocks);
}

static bool open_workplace(struct workplace *place, struct error *error)
{
    *place = (struct workplace){
        .x = malloc(GOLDEN_INPUT_WEIGHTS * sizeof(float)),
        .importance = malloc(GOLDEN_INPUT_COLUMNS * sizeof(float)),
        .decoded = malloc(GOLDEN_INPUT_WEIGHTS * sizeof(float)),
        .reference = malloc(BLOCKS_BYTES),
        .blocks = malloc(BLOCKS_BYTES),
    };
    if (!place->x || !place->importance || !place->decoded || !place->reference || !place->blocks) {
        close_workplace(place);
        return fail(error, "out of memory for the test input");
    }
    golden_input(place->x, place->importance);
    return true;
}

static uint64_t hash_floats(const float *x, size_t count)
{
    return XXH3_64bits(x, count * sizeof *x);
}

static struct rdl_job job_of(const struct hash_key *key, enum rdl_target target)
{
    return (struct rdl_job){
        .format = key->format,
        .rounding = key->rounding,
        .weighting = key->weighting,
        .target = target,
        .nrows = GOLDEN_INPUT_ROWS,
        .ncols = GOLDEN_INPUT_COLUMNS,
        .flags = RDL_GO_ON,
    };
}

static bool cannot(const char *what, const struct rdl_job *job, enum rdl_status status,
                   struct error *error)
{
    return fail(error, "%s by %s on %s cannot %s the test input: %s",
                rdl_format_info(job->format)->name, rdl_rounding_name(job->rounding),
                rdl_target_name(job->target), what, rdl_status_text(status));
}

static bool encode(const struct workplace *place, const struct hash_key *key,
                   enum rdl_target target, uint8_t *blocks, uint64_t *hash, struct error *error)
{
    struct rdl_job job = job_of(key, target);
    if (!job_memory_open(&job, error))
        return false;
    const enum rdl_status status =
        rdl_quantize(&job, place->x, key->has_importance ? place->importance : NULL, blocks, NULL);
    job_memory_close(&job);
    if (status != RDL_OK)
        return cannot("encode", &job, status, error);
    *hash = XXH3_64bits(blocks, rdl_blocks_size(key->format, job.nrows, job.ncols));
    return true;
}

static bool decode(const struct workplace *place, const struct hash_key *key,
                   enum rdl_target target, uint64_t *hash, struct error *error)
{
    const struct rdl_job job = job_of(key, target);
    const enum rdl_status status = rdl_dequantize(&job, place->reference, place->decoded);
    if (status != RDL_OK)
        return cannot("decode", &job, status, error);
    *hash = hash_floats(place->decoded, GOLDEN_INPUT_WEIGHTS);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Checking
 */

bool hash_check_passed(const struct hash_check *check)
{
    return check->known && (!check->encodes || check->actual.encoded == check->expected.encoded) &&
           (!check->decodes || check->actual.decoded == check->expected.decoded);
}

struct checking {
    const struct workplace *place;
    unsigned targets;
    struct hash_result *result;
};

static bool check_target(struct checking *checking, struct hash_check *check, struct error *error)
{
    struct hash_result *result = checking->result;
    const struct workplace *place = checking->place;
    if ((check->encodes && !encode(place, &check->key, check->target, place->blocks,
                                   &check->actual.encoded, error)) ||
        (check->decodes &&
         !decode(place, &check->key, check->target, &check->actual.decoded, error)))
        return false;
    struct hash_check *grown =
        array_grow(result->checks, result->count, &result->capacity, sizeof *check);
    if (!grown)
        return fail(error, "out of memory");
    result->checks = grown;
    result->checks[result->count++] = *check;
    return true;
}

static bool check_key(void *context, const struct hash_key *key, struct error *error)
{
    struct checking *checking = context;
    uint64_t unused;
    if (!encode(checking->place, key, RDL_SCALAR, checking->place->reference, &unused, error))
        return false;
    const struct known_hash *known = find_known(key);
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        const enum rdl_target target = (enum rdl_target)t;
        struct hash_check check = {
            .key = *key,
            .target = target,
            .known = known != NULL,
            .encodes = has_encoder(key, target),
            .decodes = rdl_decoder_support(key->format, target),
            .expected = known ? known->hashes : (struct hash_pair){0},
        };
        if ((checking->targets >> t & 1u) && (check.encodes || check.decodes) &&
            !check_target(checking, &check, error))
            return false;
    }
    return true;
}

bool golden_hashes_check(unsigned targets, struct hash_result *result, struct error *error)
{
    *result = (struct hash_result){0};
    struct workplace place;
    if (!open_workplace(&place, error))
        return false;
    struct checking checking = {&place, targets, result};
    const bool same = hash_floats(place.x, GOLDEN_INPUT_WEIGHTS) == known_weights &&
                      hash_floats(place.importance, GOLDEN_INPUT_COLUMNS) == known_importance;
    const bool good = same ? each_key(check_key, &checking, error)
                           : fail(error, "the test input is not the one of the built-in hashes");
    close_workplace(&place);
    if (!good)
        hash_result_free(result);
    return good;
}

void hash_result_free(struct hash_result *result)
{
    free(result->checks);
    *result = (struct hash_result){0};
}

/* ------------------------------------------------------------------------------------------------
 * Making the table
 */

struct printing {
    const struct workplace *place;
    FILE *out;
};

static bool print_key(void *context, const struct hash_key *key, struct error *error)
{
    const struct printing *printing = context;
    struct hash_pair hashes;
    if (!encode(printing->place, key, RDL_SCALAR, printing->place->reference, &hashes.encoded,
                error) ||
        !decode(printing->place, key, RDL_SCALAR, &hashes.decoded, error))
        return false;
    fprintf(printing->out,
            "GOLDEN_HASH(\"%s\", \"%s\", \"%s\", \"%s\", 0x%016" PRIx64 ", 0x%016" PRIx64 ")\n",
            rdl_format_info(key->format)->name, rdl_rounding_name(key->rounding),
            rdl_weighting_name(key->weighting), hash_importance_name(key->has_importance),
            hashes.encoded, hashes.decoded);
    return true;
}

bool golden_hashes_print(FILE *out, struct error *error)
{
    struct workplace place;
    if (!open_workplace(&place, error))
        return false;
    fprintf(
        out,
        "/*\n"
        " * Written by `roundel verify --print-hashes`; do not edit. A row may only change with\n"
        " * the definition of its algorithm: the bytes are the promise.\n"
        " *\n"
        " *   GOLDEN_INPUT(weights, importance)\n"
        " *   GOLDEN_HASH(format, rounding, weighting, importance, encoded, decoded)\n"
        " */\n"
        "GOLDEN_INPUT(0x%016" PRIx64 ", 0x%016" PRIx64 ")\n",
        hash_floats(place.x, GOLDEN_INPUT_WEIGHTS),
        hash_floats(place.importance, GOLDEN_INPUT_COLUMNS));
    struct printing printing = {&place, out};
    const bool good = each_key(print_key, &printing, error);
    close_workplace(&place);
    return good;
}
