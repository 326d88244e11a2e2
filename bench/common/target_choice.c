#include "target_choice.h"

#include "options.h"

#include <stdlib.h>
#include <string.h>

static bool has_any_encoder(enum rdl_format format, enum rdl_target target)
{
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
            if (rdl_encoder_support(format, (enum rdl_rounding)r, (enum rdl_weighting)w, target))
                return true;
    return false;
}

unsigned targets_built(void)
{
    unsigned targets = 0;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            if (rdl_decoder_support((enum rdl_format)f, (enum rdl_target)t) ||
                has_any_encoder((enum rdl_format)f, (enum rdl_target)t))
                targets |= 1u << t;
    return targets;
}

static bool not_offered(enum rdl_target target, unsigned offered, struct error *error)
{
    const char *names[RDL_TARGET_COUNT];
    size_t count = 0;
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (offered >> t & 1u)
            names[count++] = rdl_target_name((enum rdl_target)t);
    fail(error, "target '%s' is not available here; choices: ", rdl_target_name(target));
    append_choices(error, names, count);
    return false;
}

static bool force(const char *name, struct target_choice *choice, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(axis_target, names);
    unsigned target;
    if (!parse_name("target", name, strlen(name), names, count, &target, error))
        return false;
    choice->forced = true;
    choice->target = (enum rdl_target)target;
    return (choice->offered >> target & 1u) || not_offered(choice->target, choice->offered, error);
}

bool target_choose(const char *name, struct target_choice *choice, struct error *error)
{
    const unsigned detected = rdl_detect_targets();
    *choice = (struct target_choice){.detected = detected, .offered = detected & targets_built()};
    if (name)
        return force(name, choice, error);
    const char *variable = getenv("RDL_TARGET");
    if (!variable || !*variable)
        return true;
    return force(variable, choice, error) || fail_in(error, "RDL_TARGET");
}

unsigned target_set(const struct target_choice *choice)
{
    return choice->forced ? 1u << choice->target : choice->offered;
}

bool target_has_encoder(enum rdl_format format, enum rdl_rounding rounding,
                        enum rdl_weighting weighting, enum rdl_target target)
{
    const unsigned wanted = rdl_encoder_support(format, rounding, weighting, RDL_SCALAR);
    return wanted && (rdl_encoder_support(format, rounding, weighting, target) & wanted) == wanted;
}

bool choose_encoder_target(const struct target_choice *choice, enum rdl_format format,
                           enum rdl_rounding rounding, enum rdl_weighting weighting,
                           enum rdl_target *target)
{
    const unsigned set = target_set(choice);
    for (unsigned t = RDL_TARGET_COUNT; t-- > 0;) {
        *target = (enum rdl_target)t;
        if ((set >> t & 1u) && target_has_encoder(format, rounding, weighting, *target))
            return true;
    }
    *target = choice->forced ? choice->target : RDL_SCALAR;
    return false;
}

bool choose_decoder_target(const struct target_choice *choice, enum rdl_format format,
                           enum rdl_target *target)
{
    const unsigned set = target_set(choice);
    for (unsigned t = RDL_TARGET_COUNT; t-- > 0;) {
        *target = (enum rdl_target)t;
        if ((set >> t & 1u) && rdl_decoder_support(format, *target))
            return true;
    }
    *target = choice->forced ? choice->target : RDL_SCALAR;
    return false;
}
