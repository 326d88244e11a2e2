/* `roundel targets`: the tables of what runs where. */
#include "options.h"
#include "targets.h"
#include "text_table.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Support
 */

static unsigned count_bits(unsigned set)
{
    unsigned count = 0;
    for (; set; set &= set - 1)
        count++;
    return count;
}

struct format_support targets_support(enum rdl_format format, enum rdl_target target)
{
    struct format_support support = {.decodes = rdl_decoder_support(format, target)};
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
            const enum rdl_rounding rounding = (enum rdl_rounding)r;
            const enum rdl_weighting weighting = (enum rdl_weighting)w;
            support.encoders +=
                count_bits(rdl_encoder_support(format, rounding, weighting, target));
            support.all_encoders +=
                count_bits(rdl_encoder_support(format, rounding, weighting, RDL_SCALAR));
        }
    return support;
}

unsigned targets_encoding(const struct target_choice *choice, enum rdl_format format)
{
    unsigned targets = 0;
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
            enum rdl_target target;
            if (choose_encoder_target(choice, format, (enum rdl_rounding)r, (enum rdl_weighting)w,
                                      &target))
                targets |= 1u << target;
        }
    return targets;
}

/* ------------------------------------------------------------------------------------------------
 * A row for each format
 */

enum {
    MAX_COLUMNS = 3 + 2 * RDL_TARGET_COUNT,
    TITLE_SIZE = 24
};

static void add_support(struct text_table *table, enum rdl_format format, enum rdl_target target)
{
    const struct format_support support = targets_support(format, target);
    if (support.encoders == 0)
        text_table_cell(table, "-");
    else if (support.encoders == support.all_encoders)
        text_table_cell(table, "all");
    else
        text_table_cell(table, "%u of %u", support.encoders, support.all_encoders);
    text_table_cell(table, "%s", support.decodes ? "yes" : "-");
}

static void add_defaults(struct text_table *table, enum rdl_format format,
                         const struct target_choice *choice)
{
    const unsigned encoding = targets_encoding(choice, format);
    char names[64] = "-";
    for (unsigned t = RDL_TARGET_COUNT, used = 0; t-- > 0;)
        if (encoding >> t & 1u)
            used += (unsigned)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                       axis_target(t));
    text_table_cell(table, "%s", names);
    enum rdl_target decoding;
    text_table_cell(table, "%s",
                    choose_decoder_target(choice, format, &decoding) ? rdl_target_name(decoding)
                                                                     : "-");
}

bool targets_print_formats(const struct target_choice *choice)
{
    char titles[RDL_TARGET_COUNT][TITLE_SIZE];
    struct text_column columns[MAX_COLUMNS] = {{"format", true}};
    const unsigned built = targets_built();
    size_t ncolumns = 1;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (built >> t & 1u) {
            snprintf(titles[t], TITLE_SIZE, "%s encode", axis_target(t));
            columns[ncolumns++] = (struct text_column){titles[t], true};
            columns[ncolumns++] = (struct text_column){"decode", true};
        }
    columns[ncolumns++] = (struct text_column){"here encode", true};
    columns[ncolumns++] = (struct text_column){"decode", true};

    struct text_table table = {.columns = columns, .ncolumns = ncolumns};
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        text_table_cell(&table, "%s", axis_format(f));
        for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
            if (built >> t & 1u)
                add_support(&table, (enum rdl_format)f, (enum rdl_target)t);
        add_defaults(&table, (enum rdl_format)f, choice);
    }
    printf("\nKernels of this build, and those that %s\n",
           choice->forced ? "the forced target takes" : "are taken here by default");
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    return printed;
}

/* ------------------------------------------------------------------------------------------------
 * A row for each kernel
 */

static const char *encoder_text(unsigned support)
{
    switch (support) {
    case RDL_PLAIN:
        return "plain";
    case RDL_WITH_IMPORTANCE:
        return "importance";
    case RDL_PLAIN | RDL_WITH_IMPORTANCE:
        return "both";
    default:
        return "-";
    }
}

static void add_cells(struct text_table *table, const char *const *texts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        text_table_cell(table, "%s", texts[i]);
}

static void add_encoder_row(struct text_table *table, enum rdl_format format,
                            enum rdl_rounding rounding, enum rdl_weighting weighting)
{
    const char *cells[3 + RDL_TARGET_COUNT] = {
        rdl_format_info(format)->name, rdl_rounding_name(rounding), rdl_weighting_name(weighting)};
    unsigned any = 0;
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const unsigned support =
            rdl_encoder_support(format, rounding, weighting, (enum rdl_target)target);
        cells[3 + target] = encoder_text(support);
        any |= support;
    }
    if (any)
        add_cells(table, cells, 3 + RDL_TARGET_COUNT);
}

static void add_decoder_row(struct text_table *table, enum rdl_format format)
{
    const char *cells[3 + RDL_TARGET_COUNT] = {rdl_format_info(format)->name, "(decode)", ""};
    bool any = false;
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const bool decodes = rdl_decoder_support(format, (enum rdl_target)target);
        cells[3 + target] = decodes ? "yes" : "-";
        any = any || decodes;
    }
    if (any)
        add_cells(table, cells, 3 + RDL_TARGET_COUNT);
}

bool targets_print_kernels(void)
{
    struct text_column columns[3 + RDL_TARGET_COUNT] = {
        {"format", true}, {"rounding", true}, {"weighting", true}};
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        columns[3 + target] = (struct text_column){axis_target(target), true};
    struct text_table table = {.columns = columns, .ncolumns = 3 + RDL_TARGET_COUNT};
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++) {
        for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH; rounding++)
            for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++)
                add_encoder_row(&table, (enum rdl_format)format, (enum rdl_rounding)rounding,
                                (enum rdl_weighting)weighting);
        add_decoder_row(&table, (enum rdl_format)format);
    }
    printf("\nKernels of this build (encoders: without importance 'plain', with it 'importance', "
           "or 'both')\n");
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    return printed;
}
