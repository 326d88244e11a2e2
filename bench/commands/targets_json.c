/* `roundel targets --json`. */
#include "combinations.h"
#include "options.h"
#include "report.h"
#include "targets.h"

/* Appends and passes the array on; on failure releases it. Both may be NULL, for out of memory. */
static json_t *append(json_t *array, json_t *value)
{
    if (array && value && json_array_append_new(array, value) == 0)
        return array;
    if (!array)
        json_decref(value);
    json_decref(array);
    return NULL;
}

static json_t *caches_json(const struct topology *topology)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < topology->ncaches; i++) {
        const struct cache_group *cache = &topology->caches[i];
        array = append(array,
                       json_pack("{s:i, s:I, s:i, s:i, s:i}", "level", (int)cache->level, "bytes",
                                 (json_int_t)cache->size, "line_bytes", (int)cache->line, "count",
                                 (int)cache->count, "shared_by", (int)cache->shared_by));
    }
    return array;
}

static json_t *topology_json(const struct topology *topology)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:I, s:o}", "packages", (int)topology->packages,
                     "numa_nodes", (int)topology->numa_nodes, "cores", (int)topology->cores,
                     "hardware_threads", (int)topology->threads, "memory_bytes",
                     (json_int_t)topology->memory, "caches", caches_json(topology));
}

static json_t *detected_json(unsigned detected)
{
    json_t *array = json_array();
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        array = append(array, json_pack("{s:s, s:b}", "name", axis_target(target), "detected",
                                        (detected & 1u << target) != 0));
    return array;
}

static json_t *append_encoders(json_t *array, unsigned format, unsigned rounding,
                               unsigned weighting)
{
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const unsigned support =
            rdl_encoder_support((enum rdl_format)format, (enum rdl_rounding)rounding,
                                (enum rdl_weighting)weighting, (enum rdl_target)target);
        if (support)
            array =
                append(array, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "format",
                                        axis_format(format), "rounding", axis_rounding(rounding),
                                        "weighting", axis_weighting(weighting), "target",
                                        axis_target(target), "plain", (support & RDL_PLAIN) != 0,
                                        "importance", (support & RDL_WITH_IMPORTANCE) != 0));
    }
    return array;
}

static json_t *encoders_json(void)
{
    json_t *array = json_array();
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH; rounding++)
            for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++)
                array = append_encoders(array, format, rounding, weighting);
    return array;
}

static json_t *decoders_json(void)
{
    json_t *array = json_array();
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
            if (rdl_decoder_support((enum rdl_format)format, (enum rdl_target)target))
                array = append(array, json_pack("{s:s, s:s}", "format", axis_format(format),
                                                "target", axis_target(target)));
    return array;
}

/* Names of the values of an axis that a format has, by one of its searches. */
typedef bool has_fn(enum rdl_format format, unsigned value);

static bool has_search(enum rdl_format format, unsigned rounding)
{
    return rounding >= RDL_FIRST_SEARCH &&
           combination_has_rounding(format, (enum rdl_rounding)rounding);
}

static bool has_scales(enum rdl_format format, unsigned scales)
{
    for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++)
        if (scales != RDL_SCALES_DEFAULT &&
            rdl_scales_support(format, (enum rdl_rounding)r, (enum rdl_scales)scales))
            return true;
    return false;
}

static json_t *names_json(enum rdl_format format, axis_name_fn *name, has_fn *has)
{
    json_t *array = json_array();
    for (unsigned i = 0; name(i); i++)
        if (has(format, i))
            array = append(array, json_string(name(i)));
    return array;
}

/* Searches go with any weighting, on every target. */
static json_t *searches_json(void)
{
    json_t *array = json_array();
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        array = append(array, json_pack("{s:s, s:o, s:o}", "format", axis_format(f), "roundings",
                                        names_json((enum rdl_format)f, axis_rounding, has_search),
                                        "scales",
                                        names_json((enum rdl_format)f, axis_scales, has_scales)));
    return array;
}

/* How many of a format's encoders each target has, and whether it decodes. */
static json_t *support_json(enum rdl_format format)
{
    json_t *array = json_array();
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const struct format_support support = targets_support(format, (enum rdl_target)target);
        array =
            append(array, json_pack("{s:s, s:i, s:b}", "target", axis_target(target), "encoders",
                                    (int)support.encoders, "decodes", support.decodes));
    }
    return array;
}

static json_t *formats_json(const struct target_choice *choice)
{
    json_t *array = json_array();
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const enum rdl_format format = (enum rdl_format)f;
        enum rdl_target decoding;
        const bool decodes = choose_decoder_target(choice, format, &decoding);
        array = append(array,
                       json_pack("{s:s, s:i, s:o, s:o, s:s?}", "format", axis_format(f), "encoders",
                                 (int)targets_support(format, RDL_SCALAR).all_encoders, "targets",
                                 support_json(format), "encodes_on",
                                 report_targets(targets_encoding(choice, format)), "decodes_on",
                                 decodes ? rdl_target_name(decoding) : NULL));
    }
    return array;
}

/* json_pack() fails as a whole, and releases the other values, where a value given to it is NULL.
 */
json_t *targets_json(const struct topology *topology, const struct target_choice *choice)
{
    return json_pack(
        "{s:o, s:o, s:o, s:s?, s:o, s:o, s:o, s:o}", "cpu", report_string(topology->cpu_model),
        "topology", topology_json(topology), "targets", detected_json(choice->detected), "forced",
        choice->forced ? rdl_target_name(choice->target) : NULL, "formats", formats_json(choice),
        "encoders", encoders_json(), "searches", searches_json(), "decoders", decoders_json());
}
