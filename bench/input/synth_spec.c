/* From a spec to a recipe for numbers, and back. The syntax is in synth.h. */
#include "suggest.h"
#include "synth.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the spec; not NUL-terminated. */
struct slice {
    const char *text;
    size_t length;
};

static const char *const distribution_names[] = {
    [SYNTH_GAUSSIAN] = "gaussian",   [SYNTH_LAPLACE] = "laplace",
    [SYNTH_STUDENT_T] = "student-t", [SYNTH_UNIFORM] = "uniform",
    [SYNTH_SPARSE] = "sparse",       [SYNTH_OUTLIER_COLUMNS] = "outlier-columns"};
enum {
    NDISTRIBUTIONS = sizeof(distribution_names) / sizeof(distribution_names[0])
};
static const char distribution_list[] =
    "gaussian, laplace, student-t:NU, uniform, sparse:P, outlier-columns";

enum key {
    KEY_SIGMA,
    KEY_SHAPE,
    KEY_SEED,
    KEY_TENSOR
};
static const char *const key_names[] = {
    [KEY_SIGMA] = "sigma", [KEY_SHAPE] = "shape", [KEY_SEED] = "seed", [KEY_TENSOR] = "tensor"};
static const char setting_list[] = "sigma=S, shape=ROWSxCOLS, seed=N, tensor=N";
enum {
    NKEYS = sizeof(key_names) / sizeof(key_names[0])
};

static const double sigma_min = 1e-40, sigma_max = 1e20;
static const unsigned degrees_max = 64;

/* Cuts the slice at the first separator and returns what was before; what is behind stays. */
static struct slice cut(struct slice *rest, char separator, bool *found)
{
    const char *end = memchr(rest->text, separator, rest->length);
    const size_t length = end ? (size_t)(end - rest->text) : rest->length;
    const struct slice before = {rest->text, length};

    *found = end != NULL;
    rest->text += length + (*found ? 1 : 0);
    rest->length -= length + (*found ? 1 : 0);
    return before;
}

static bool find_name(struct slice word, const char *const *names, unsigned count, unsigned *index)
{
    for (unsigned i = 0; i < count; i++) {
        if (strlen(names[i]) == word.length && memcmp(names[i], word.text, word.length) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* Text of a slice that is fit for a message. */
struct quoted {
    char text[80];
};

static struct quoted quote(struct slice slice)
{
    struct quoted quoted;

    escape(quoted.text, sizeof(quoted.text), slice.text, slice.length);
    return quoted;
}

/* Digits only: strtoull would take blanks and signs as well. */
static bool parse_integer(struct slice slice, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < slice.length; i++) {
        const char c = slice.text[i];

        if (c < '0' || c > '9' || __builtin_mul_overflow(v, UINT64_C(10), &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    *value = v;
    return slice.length > 0 && v <= max;
}

/* A plain decimal number: strtod alone would take blanks, hexadecimal, "inf" and "nan" as well. */
static bool parse_real(struct slice slice, double min, double max, double *value)
{
    char text[64];
    char *end;

    if (slice.length == 0 || slice.length >= sizeof(text))
        return false;
    memcpy(text, slice.text, slice.length);
    text[slice.length] = '\0';
    if (strspn(text, "0123456789.eE+-") != slice.length)
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && *value >= min && *value <= max;
}

static bool parse_shape(struct slice slice, struct synth *synth)
{
    bool found;
    const struct slice rows = cut(&slice, 'x', &found);
    uint64_t numel;

    return found && parse_integer(rows, INT64_MAX, &synth->nrows) &&
           parse_integer(slice, INT64_MAX, &synth->ncols) && synth->nrows > 0 && synth->ncols > 0 &&
           !__builtin_mul_overflow(synth->nrows, synth->ncols, &numel) && numel <= INT64_MAX;
}

static bool parse_parameter(struct slice parameter, bool given, struct synth *synth,
                            struct error *error)
{
    const char *name = distribution_names[synth->distribution];
    const struct quoted text = quote(parameter);
    uint64_t degrees;

    switch (synth->distribution) {
    case SYNTH_STUDENT_T:
        if (!parse_integer(parameter, degrees_max, &degrees) || degrees == 0)
            return fail(error,
                        "%s needs degrees of freedom from 1 to %u, got \"%s\"; example: %s:3", name,
                        degrees_max, text.text, name);
        synth->degrees_of_freedom = (unsigned)degrees;
        return true;
    case SYNTH_SPARSE:
        if (!parse_real(parameter, 0.0, 1.0, &synth->zero_probability))
            return fail(error,
                        "%s needs a probability of zeros from 0 to 1, got \"%s\"; example: %s:0.5",
                        name, text.text, name);
        return true;
    case SYNTH_GAUSSIAN:
    case SYNTH_LAPLACE:
    case SYNTH_UNIFORM:
    case SYNTH_OUTLIER_COLUMNS:
        break;
    }
    if (given)
        return fail(error, "%s takes no parameter, got \"%s\"; write %s", name, text.text, name);
    return true;
}

/* "did you mean NAME? (choices: LIST)", or the choices alone where no name is near. */
static bool unknown(const char *what, struct slice shown, struct slice word,
                    const char *const *names, unsigned count, const char *choices,
                    struct error *error)
{
    const char *near = suggest(word.text, word.length, names, count);
    const struct quoted text = quote(shown);

    if (!near)
        return fail(error, "unknown %s \"%s\"; choices: %s", what, text.text, choices);
    return fail(error, "unknown %s \"%s\"; did you mean %s? (choices: %s)", what, text.text, near,
                choices);
}

static bool parse_distribution(struct slice field, struct synth *synth, struct error *error)
{
    bool given;
    const struct slice name = cut(&field, ':', &given);
    unsigned index;

    if (name.length == 0)
        return fail(error, "no distribution; choose from %s", distribution_list);
    if (!find_name(name, distribution_names, NDISTRIBUTIONS, &index))
        return unknown("distribution", name, name, distribution_names, NDISTRIBUTIONS,
                       distribution_list, error);
    synth->distribution = (enum synth_distribution)index;
    return parse_parameter(field, given, synth, error);
}

static bool parse_value(enum key key, struct slice value, struct synth *synth, struct error *error)
{
    const struct quoted text = quote(value);
    uint64_t number;

    switch (key) {
    case KEY_SIGMA:
        if (!parse_real(value, sigma_min, sigma_max, &synth->sigma))
            return fail(error, "sigma=%s is no number from %g to %g; example: sigma=0.02",
                        text.text, sigma_min, sigma_max);
        break;
    case KEY_SHAPE:
        if (!parse_shape(value, synth))
            return fail(error,
                        "shape=%s is not ROWSxCOLS with 1 to 2^63 - 1 weights; example: "
                        "shape=1024x1024",
                        text.text);
        break;
    case KEY_SEED:
        if (!parse_integer(value, UINT64_MAX, &synth->seed))
            return fail(error, "seed=%s is no whole number from 0 to 2^64 - 1; example: seed=1",
                        text.text);
        break;
    case KEY_TENSOR:
        if (!parse_integer(value, UINT32_MAX, &number))
            return fail(error, "tensor=%s is no whole number from 0 to 2^32 - 1; example: tensor=1",
                        text.text);
        synth->tensor = (uint32_t)number;
        break;
    }
    return true;
}

static bool parse_setting(struct slice field, bool given[NKEYS], struct synth *synth,
                          struct error *error)
{
    bool found;
    const struct slice whole = field;
    const struct slice name = cut(&field, '=', &found);
    unsigned key;

    if (!find_name(name, key_names, NKEYS, &key))
        return unknown("setting", whole, name, key_names, NKEYS, setting_list, error);
    if (!found)
        return fail(error, "%s needs a value: %s=...", key_names[key], key_names[key]);
    if (given[key])
        return fail(error, "%s is given twice", key_names[key]);
    given[key] = true;
    return parse_value((enum key)key, field, synth, error);
}

static bool parse_fields(struct slice rest, struct synth *synth, struct error *error)
{
    bool given[NKEYS] = {false};
    bool more;

    if (!parse_distribution(cut(&rest, ',', &more), synth, error))
        return false;
    while (more)
        if (!parse_setting(cut(&rest, ',', &more), given, synth, error))
            return false;
    return true;
}

bool synth_parse(const char *spec, struct synth *synth, struct error *error)
{
    static const char prefix[] = "synth:";
    const size_t prefix_length = sizeof(prefix) - 1;
    const struct slice whole = {spec, strlen(spec)};
    struct synth parsed = {.sigma = 0.02, .nrows = 1024, .ncols = 1024};

    if (strncmp(spec, prefix, prefix_length) != 0)
        return fail(error, "%s: a synthetic tensor starts with \"%s\"", quote(whole).text, prefix);

    const struct slice fields = {spec + prefix_length, whole.length - prefix_length};

    if (!parse_fields(fields, &parsed, error))
        return fail_in(error, "%s", quote(whole).text);
    *synth = parsed;
    return true;
}

/* The shortest decimal that reads back as the same number. */
static void print_real(char text[32], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

void synth_name(const struct synth *synth, char name[SYNTH_NAME_SIZE])
{
    char parameter[40] = "", sigma[32] = "", tensor[24] = "";

    if (synth->distribution == SYNTH_STUDENT_T)
        snprintf(parameter, sizeof(parameter), ":%u", synth->degrees_of_freedom);
    if (synth->distribution == SYNTH_SPARSE) {
        parameter[0] = ':';
        print_real(parameter + 1, synth->zero_probability);
    }
    print_real(sigma, synth->sigma);
    if (synth->tensor != 0)
        snprintf(tensor, sizeof(tensor), ",tensor=%" PRIu32, synth->tensor);
    snprintf(name, SYNTH_NAME_SIZE,
             "synth:%s%s,sigma=%s,shape=%" PRIu64 "x%" PRIu64 ",seed=%" PRIu64 "%s",
             distribution_names[synth->distribution], parameter, sigma, synth->nrows, synth->ncols,
             synth->seed, tensor);
}

bool synth_open(const char *spec, struct tensor_list *list, struct error *error)
{
    struct tensor tensor = {.type = "synth", .kind = ELEMENT_SYNTH};
    struct synth *synth = calloc(1, sizeof(*synth));
    char name[SYNTH_NAME_SIZE];

    if (!synth)
        return fail(error, "no memory for a synthetic tensor");
    if (!synth_parse(spec, synth, error) || !tensor_list_own_synth(list, synth, error)) {
        synth_free(synth);
        return false;
    }
    synth_name(synth, name);
    tensor.synth = synth;
    return tensor_set_dims(&tensor, 2, (uint64_t[]){synth->ncols, synth->nrows}, error) &&
           tensor_list_add(list, &tensor, name, strlen(name), error);
}

void synth_free(struct synth *synth)
{
    free(synth);
}
