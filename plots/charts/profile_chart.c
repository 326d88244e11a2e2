/*
 * The chart of sorted profiles: the mean of each rank of blocks that are scaled so that the value
 * of the greatest magnitude is -1, and sorted. A curve for each law and length.
 */
#include "asymmetry_laws.h"

#include <math.h>
#include <stdio.h>

static bool add_profile(struct curves *curves, const json_t *json, const char *law,
                        const struct plot_request *request, struct error *error)
{
    const json_t *ranks = json_object_get(json, "value");
    const size_t count = json_array_size(ranks);
    char length[32], label[CURVES_TEXT];
    double n;
    if (!report_get_number(json, "n", 2, ASYMMETRY_MOST_LENGTH, &n, error))
        return false;
    if ((double)count != n)
        return fail(error, "\"value\" is no array of %g numbers, as \"n\" says", n);
    snprintf(length, sizeof length, "%zu", count);
    if (!asymmetry_takes(request->options[PLOT_SETTING], length))
        return true;
    snprintf(label, sizeof label, "%s, %zu", law, count);
    struct curve *curve = curves_add(curves, label, count, error);
    for (size_t k = 0; k < count && curve; k++) {
        curve->x[k] = (double)k / (double)(count - 1);
        curve->y[k] = json_number_value(json_array_get(ranks, k));
        if (!json_is_number(json_array_get(ranks, k)) || fabs(curve->y[k]) > 1)
            return fail(error, "\"value\" has no number from -1 to 1 (number %zu)", k);
        curve->count++;
    }
    return curve;
}

static bool add_law(struct curves *curves, const json_t *json, const char *law,
                    const struct plot_request *request, struct error *error)
{
    const json_t *profiles = json_object_get(json, "profile");
    if (json_array_size(profiles) == 0)
        return fail(error, "no array \"profile\"");
    for (size_t i = 0; i < json_array_size(profiles); i++)
        if (!add_profile(curves, json_array_get(profiles, i), law, request, error))
            return fail_in(error, "\"profile\": number %zu", i);
    return true;
}

static bool read(void *subject, const struct plot_request *request, struct error *error)
{
    struct curves *curves = subject;
    curves->title = "Sorted profiles of scaled blocks";
    curves->x_title = "rank / (length - 1)";
    curves->y_title = "mean value";
    curves->remark = "";
    snprintf(curves->below, sizeof curves->below,
             "law and length of the block; its value of the greatest magnitude scaled to -1");
    if (!asymmetry_laws_read(curves, request, add_law, error))
        return false;
    return curves->count > 0 ||
           fail(error, "%s: no profile has a length that --setting says", request->paths[0]);
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return curves_draw(cairo, width, subject);
}

static void release(void *subject)
{
    curves_free(subject);
}

const struct plot_kind plot_profile = {
    .name = "profile",
    .help = "the mean of each rank of sorted, scaled blocks, a curve for each law and length, of\n"
            "a report that project --asymmetry wrote with --json. --law and --setting N,...\n"
            "(lengths) choose.",
    .example = "roundel project --asymmetry --json a.json\n"
               "         roundel plot a.json --kind profile --setting 16,32 -o profile.pdf\n",
    .options = 1u << PLOT_LAW | 1u << PLOT_SETTING,
    .subject_size = sizeof(struct curves),
    .read = read,
    .draw = draw,
    .release = release,
};
