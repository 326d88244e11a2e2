/* The commands of `roundel`. Each lives in the file of its name. */
#ifndef ROUNDEL_BENCH_COMMANDS_H
#define ROUNDEL_BENCH_COMMANDS_H

#include "options.h"

/* argv[0] is the command's name; the result is the exit status. */
typedef int command_fn(int argc, char **argv);

command_fn compare_command;
command_fn gap_table_command;
command_fn inspect_command;
command_fn verify_command;
command_fn quantize_command;
command_fn imatrix_command;
command_fn eval_command;
command_fn kld_command;
command_fn project_command;
command_fn plot_command;
command_fn targets_command;

extern const struct command compare_spec, gap_table_spec, inspect_spec, verify_spec, quantize_spec;
extern const struct command imatrix_spec, eval_spec, kld_spec, project_spec, plot_spec,
    targets_spec;

#endif
