/* What `roundel eval` prints. */
#include "eval.h"
#include "text_table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * The model by itself
 */

static struct kld_estimate part_of(const struct eval_report *report, size_t first, size_t chunks)
{
    const size_t per_chunk = eval_rows_per_chunk(report->text);
    return kld_perplexity(report->evaluation->nll + first * per_chunk, chunks * per_chunk,
                          per_chunk);
}

struct kld_estimate eval_perplexity(const struct eval_report *report)
{
    return part_of(report, 0, report->text->chunks);
}

struct kld_estimate eval_part_perplexity(const struct eval_report *report, size_t part)
{
    size_t first = 0;
    for (size_t i = 0; i < part; i++)
        first += report->text->parts[i].chunks;
    return part_of(report, first, report->text->parts[part].chunks);
}

static void print_parts(const struct eval_report *report)
{
    const struct eval_text *text = report->text;
    char name[256];
    for (size_t i = 0; i < text->nparts; i++) {
        const struct eval_part *part = &text->parts[i];
        const struct kld_estimate ppl = eval_part_perplexity(report, i);
        printf("Text: %s, %zu chunks, PPL %.6f ± %.6f\n",
               escape(name, sizeof name, part->name, strlen(part->name)), part->chunks, ppl.value,
               ppl.error);
        if (text->cut.split && part->too_short > 0)
            printf("Left out: %zu parts shorter than a chunk\n", part->too_short);
    }
}

static void print_model(const struct eval_report *report)
{
    const struct llama_shape *shape = &report->model->shape;
    const struct eval_text *text = report->text;
    const struct kld_estimate ppl = eval_perplexity(report);
    char name[256];
    printf("Model: %s, %" PRIu64 " weights, %" PRIu32 " layers of %" PRIu32 ", vocabulary %" PRIu32
           "\n",
           escape(name, sizeof name, report->spec, strlen(report->spec)),
           llama_numel(report->model), shape->layers, shape->width, shape->vocabulary);
    print_parts(report);
    printf("%zu chunks of %" PRIu32 " tokens, scored from position %" PRIu32 " on: %zu tokens\n",
           text->chunks, text->cut.context, text->cut.first, report->evaluation->rows);
    fputs(kld_report_legend, stdout);
    kld_report_print_ppl("Mean PPL(base)", &ppl, stdout);
}

/* ------------------------------------------------------------------------------------------------
 * All statistics
 */

static void print_statistics(const struct eval_report *report)
{
    for (size_t i = 0; i < report->nvariants; i++) {
        const struct eval_variant *v = &report->variants[i];
        if (v->absent)
            continue;
        const struct kld_other_report other = {
            .name = v->label,
            .tokens = &v->tokens,
            .statistics = v->statistics,
            .bytes = (double)v->errors.model_bytes,
        };
        kld_report_print_other(&other, report->settings->per_chunk, stdout);
    }
    for (size_t i = 0; i < report->npairs; i++)
        kld_report_print_pair(&report->pairs[i], stdout);
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

static void put_absent(struct text_table *table, const struct eval_variant *v)
{
    text_table_cell(table, "%s", v->label);
    text_table_cell(table, "%s", v->absent);
    for (size_t i = 2; i < table->ncolumns; i++)
        text_table_cell(table, "%s", "");
}

static void put_variant(struct text_table *table, const struct eval_variant *v)
{
    const struct kld_statistics *s = &v->statistics;
    text_table_cell(table, "%s", v->label);
    text_table_cell(table, "%.4f", variant_bits_per_weight(&v->errors));
    text_table_cell(table, "%.5g", variant_rmse(&v->errors));
    text_table_cell(table, "%.5g", variant_weighted_rmse(&v->errors));
    text_table_cell(table, "%.5f", s->ppl.value);
    text_table_cell(table, "%+.5f", s->log_ratio.value);
    text_table_cell(table, "%.5f", s->log_ratio.error);
    text_table_cell(table, "%.6f", s->kld.value);
    text_table_cell(table, "%.6f", s->kld.error);
    text_table_cell(table, "%.5f", s->tail_kld);
    text_table_cell(table, "%.3f", 100.0 * s->delta_p_rms.value);
    text_table_cell(table, "%.2f", 100.0 * s->same_top.value);
}

static bool print_variants(const struct eval_report *report)
{
    static const struct text_column columns[] = {
        {"rounding", true}, {"bits/w", false},   {"RMSE", false},     {"wRMSE", false},
        {"PPL", false},     {"ln ratio", false}, {"±", false},        {"KLD", false},
        {"±", false},       {"top 5 %", false},  {"RMS Δp %", false}, {"same top %", false},
    };
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof *columns};
    for (size_t i = 0; i < report->nvariants; i++)
        if (report->variants[i].absent)
            put_absent(&table, &report->variants[i]);
        else
            put_variant(&table, &report->variants[i]);
    putchar('\n');
    const bool good = text_table_print(&table, stdout);
    text_table_free(&table);
    return good;
}

static void put_interval(struct text_table *table, const struct kld_estimate *e, double factor,
                         int digits)
{
    text_table_cell(table, "%+.*f", digits, factor * e->value);
    text_table_cell(table, "%+.*f .. %+.*f", digits, factor * (e->value - e->half_99), digits,
                    factor * (e->value + e->half_99));
}

static bool print_pairs(const struct eval_report *report)
{
    static const struct text_column columns[] = {
        {"A", true},     {"B", true},     {"KLD A - B", false},    {"99 %", false},
        {"in %", false}, {"99 %", false}, {"ln PPL A - B", false}, {"99 %", false},
    };
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof *columns};
    for (size_t i = 0; i < report->npairs; i++) {
        const struct kld_pair_report *pair = &report->pairs[i];
        const struct paired_result *change = &pair->values.kld_change;
        text_table_cell(&table, "%s", pair->first);
        text_table_cell(&table, "%s", pair->second);
        put_interval(&table, &pair->values.kld, 1.0, 6);
        text_table_cell(&table, "%+.2f", 100.0 * change->change);
        text_table_cell(&table, "%+.2f .. %+.2f", 100.0 * change->low, 100.0 * change->high);
        put_interval(&table, &pair->values.nll, 1.0, 6);
    }
    printf("\nPaired, token by token\n");
    const bool good = text_table_print(&table, stdout);
    text_table_free(&table);
    return good;
}

size_t eval_rule_tensors(const struct eval_report *report, size_t rule)
{
    size_t runs = 0;
    for (size_t i = 0; i < report->nvariants; i++)
        runs += !report->variants[i].absent;
    return runs ? (size_t)report->settings->rules.rules[rule].uses / runs : 0;
}

/* Tensors that were not treated as the label says. */
static void print_exceptions(const struct eval_report *report)
{
    const struct quantize_rules *rules = &report->settings->rules;
    char shown[128];
    for (size_t i = 0; i < rules->count; i++)
        printf("rule '%s': %zu tensors\n",
               escape(shown, sizeof shown, rules->rules[i].text, strlen(rules->rules[i].text)),
               eval_rule_tensors(report, i));
    for (size_t i = 0; i < report->nvariants; i++) {
        const struct eval_variant *v = &report->variants[i];
        const size_t matrices = v->errors.matrices + v->errors.skipped;
        if (v->errors.without_importance > 0)
            printf("%s: without importance %zu of %zu matrices, which the file does not name\n",
                   v->label, v->errors.without_importance, matrices);
        if (v->errors.skipped > 0)
            printf("%s: %zu of %zu matrices do not fit the blocks and stayed as they are\n",
                   v->label, v->errors.skipped, matrices);
        if (v->errors.bad_blocks > 0)
            printf("%s: %" PRIu64 " blocks of bad data were encoded by the library's rule\n",
                   v->label, v->errors.bad_blocks);
    }
}

static const char legend[] =
    "\nln ratio: of the perplexities, rounded to unrounded. KLD in nats a token; top 5 %: mean of "
    "the\ntwentieth of the tokens with the largest. RMSE and wRMSE: errors of the weights, wRMSE "
    "weighted by\nimportance, or x2 where there is none. A weighted error is a surrogate: a lower "
    "one does not by\nitself make a better model.\n";

bool eval_report_print(const struct eval_report *report)
{
    print_model(report);
    if (report->nvariants == 0)
        return true;
    if (!report->settings->brief)
        print_statistics(report);
    if (!print_variants(report) || (report->npairs > 0 && !print_pairs(report)))
        return false;
    fputs(legend, stdout);
    print_exceptions(report);
    return true;
}
