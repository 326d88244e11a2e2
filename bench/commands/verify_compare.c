/* roundel verify --compare: where two models differ, and why. */
#include "input.h"
#include "model_difference.h"
#include "options.h"
#include "report.h"
#include "text_table.h"
#include "verify.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static const struct text_column columns[] = {
    {"tensor", true},
    {"A", true},
    {"B", true},
    {"bytes", false},
    {"of", false},
    {"blocks", false},
    {"of", false},
    {"weights", false},
    {"of", false},
    {">65504", false},
    {"<2^-14", false},
    {"other", false},
    {"blocks with >65504", false},
    {"<2^-14", false},
    {"other", false},
    {"none", false},
};

enum {
    COLUMNS_WITHOUT_SOURCES = 12,
    COLUMNS = sizeof columns / sizeof columns[0]
};

static void count_cell(struct text_table *table, bool known, uint64_t count)
{
    if (known)
        text_table_cell(table, "%llu", (unsigned long long)count);
    else
        text_table_cell(table, "-");
}

static const char *type_of(const struct tensor *tensor)
{
    return tensor ? tensor->type : "absent";
}

/* Of the sources where there are such: they are the cause of what follows. */
static const struct weight_difference *weights_of(const struct tensor_difference *d)
{
    return d->has_sources ? &d->sources : &d->weights;
}

static void add_counts(struct text_table *table, const struct tensor_difference *d)
{
    const bool stored = d->a && d->b && d->same_shape && d->same_type;
    const struct weight_difference *weights = weights_of(d);
    count_cell(table, stored, d->bytes);
    count_cell(table, stored, d->nbytes);
    count_cell(table, d->has_blocks, d->blocks);
    count_cell(table, d->has_blocks, d->nblocks);
    count_cell(table, d->has_weights, weights->differing);
    count_cell(table, d->has_weights, weights->count);
    for (unsigned c = 0; c < CAUSE_NONE; c++)
        count_cell(table, d->has_weights, weights->causes[c]);
    for (unsigned c = 0; c < CAUSE_COUNT && table->ncolumns == COLUMNS; c++)
        count_cell(table, d->has_blocks && d->has_sources, d->block_causes[c]);
}

static void add_tensor(struct text_table *table, const struct tensor_difference *d)
{
    char name[128];
    const char *text = d->a ? d->a->name : d->b->name;
    text_table_cell(table, "%s", escape(name, sizeof name, text, strlen(text)));
    text_table_cell(table, "%s", type_of(d->a));
    text_table_cell(table, "%s", type_of(d->b));
    add_counts(table, d);
}

static void add_up_weights(struct weight_difference *sum, const struct weight_difference *part)
{
    sum->count += part->count;
    sum->differing += part->differing;
    for (unsigned c = 0; c < CAUSE_COUNT; c++)
        sum->causes[c] += part->causes[c];
}

/* Of all tensors; the first two members stand for no tensor. */
static struct tensor_difference sum_of(const struct model_difference *difference)
{
    struct tensor_difference sum = {.has_weights = true, .has_blocks = true};
    for (size_t i = 0; i < difference->count; i++) {
        const struct tensor_difference *d = &difference->tensors[i];
        sum.has_sources |= d->has_sources;
        sum.bytes += d->bytes;
        sum.nbytes += d->nbytes;
        sum.blocks += d->blocks;
        sum.nblocks += d->nblocks;
        add_up_weights(&sum.weights, &d->weights);
        add_up_weights(&sum.sources, &d->sources);
        for (unsigned c = 0; c < CAUSE_COUNT; c++)
            sum.block_causes[c] += d->block_causes[c];
    }
    return sum;
}

static void print_sum(const struct model_difference *difference)
{
    const struct tensor_difference sum = sum_of(difference);
    printf("%zu tensors compared, %zu differ: %llu of %llu bytes, %llu of %llu blocks\n",
           difference->count, difference->differing, (unsigned long long)sum.bytes,
           (unsigned long long)sum.nbytes, (unsigned long long)sum.blocks,
           (unsigned long long)sum.nblocks);
    const struct weight_difference *weights = weights_of(&sum);
    printf("%s that differ: %llu of %llu;", sum.has_sources ? "weights of the sources" : "weights",
           (unsigned long long)weights->differing, (unsigned long long)weights->count);
    for (unsigned c = 0; c < CAUSE_NONE; c++)
        printf("%s %s %llu", c ? "," : "", difference_cause_name((enum difference_cause)c),
               (unsigned long long)weights->causes[c]);
    printf("\n");
    if (!sum.has_sources)
        return;
    printf("blocks that differ, by what differs in their source:");
    for (unsigned c = 0; c < CAUSE_COUNT; c++)
        printf("%s %s %llu", c ? "," : "", difference_cause_name((enum difference_cause)c),
               (unsigned long long)sum.block_causes[c]);
    printf("\n");
}

static bool print_text(const struct model_difference *difference, bool with_sources,
                       struct error *error)
{
    struct text_table table = {.columns = columns,
                               .ncolumns = with_sources ? COLUMNS : COLUMNS_WITHOUT_SOURCES};
    for (size_t i = 0; i < difference->count; i++)
        if (tensor_differs(&difference->tensors[i]))
            add_tensor(&table, &difference->tensors[i]);
    const bool printed = difference->differing == 0 || text_table_print(&table, stdout);
    text_table_free(&table);
    print_sum(difference);
    return printed || fail(error, "out of memory for the table");
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *causes_json(const uint64_t causes[CAUSE_COUNT], unsigned count)
{
    static const char *const names[CAUSE_COUNT] = {"above_65504", "below_2^-14", "other", "none"};
    json_t *object = json_object();
    for (unsigned c = 0; c < count; c++)
        json_object_set_new(object, names[c], json_integer((json_int_t)causes[c]));
    return object;
}

static json_t *weights_json(bool known, const struct weight_difference *d)
{
    return known ? json_pack("{s:I, s:I, s:o}", "count", (json_int_t)d->count, "differing",
                             (json_int_t)d->differing, "causes", causes_json(d->causes, CAUSE_NONE))
                 : json_null();
}

static json_t *tensor_json(const struct tensor_difference *d)
{
    return json_pack(
        "{s:o, s:s?, s:s?, s:b, s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "name",
        report_string(d->a ? d->a->name : d->b->name), "type_a", d->a ? d->a->type : NULL, "type_b",
        d->b ? d->b->type : NULL, "differs", tensor_differs(d), "same_shape", d->same_shape,
        "bytes", (json_int_t)d->nbytes, "differing_bytes", (json_int_t)d->bytes, "blocks",
        (json_int_t)d->nblocks, "differing_blocks", (json_int_t)d->blocks, "weights",
        weights_json(d->has_weights, &d->weights), "sources",
        weights_json(d->has_weights && d->has_sources, &d->sources), "block_causes",
        d->has_blocks && d->has_sources ? causes_json(d->block_causes, CAUSE_COUNT) : json_null());
}

static json_t *result_json(const struct model_difference *difference)
{
    json_t *report = report_new("verify"), *tensors = json_array();
    bool good = report && tensors;
    for (size_t i = 0; i < difference->count && good; i++)
        good = json_array_append_new(tensors, tensor_json(&difference->tensors[i])) == 0;
    good = json_object_set_new(report, "tensors", tensors) == 0 && good;
    good = json_object_set_new(report, "total",
                               json_pack("{s:I, s:I}", "compared", (json_int_t)difference->count,
                                         "differing", (json_int_t)difference->differing)) == 0 &&
           good;
    if (good)
        return report;
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

static int show(const struct verify_options *options, const struct model_difference *difference,
                struct error *error)
{
    if (verify_prints_table(options) && !print_text(difference, options->nsources > 0, error))
        return STATUS_INTERNAL;
    if (options->json && !report_write(result_json(difference), options->json, error))
        return STATUS_INTERNAL;
    return difference->differing ? STATUS_DIFFERENT : STATUS_OK;
}

static int compare_lists(const struct verify_options *options, const struct tensor_list *lists,
                         struct error *error)
{
    struct model_difference difference;
    const bool sources = options->nsources > 0;
    if (!model_difference_of(&lists[0], &lists[1], sources ? &lists[2] : NULL,
                             sources ? &lists[3] : NULL, &difference, error))
        return STATUS_BAD_INPUT;
    const int status = show(options, &difference, error);
    model_difference_free(&difference);
    return status;
}

int verify_compare(const struct verify_options *options, struct error *error)
{
    enum {
        LISTS = 4
    };
    const char *const paths[LISTS] = {options->models[0], options->models[1], options->sources[0],
                                      options->sources[1]};
    const struct input_options input = {0};
    struct tensor_list lists[LISTS] = {0};
    bool good = true;
    for (unsigned i = 0; i < 2 + options->nsources && good; i++)
        good = input_open(paths[i], &input, &lists[i], error);
    const int status = good ? compare_lists(options, lists, error) : STATUS_BAD_INPUT;
    for (unsigned i = 0; i < LISTS; i++)
        tensor_list_free(&lists[i]);
    return status;
}
