/* command.c: the table of commands, and those that only show what the library says. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cache.h"
#include "cli/library.h"
#include "cli/results.h"
#include "cli/session.h"
#include "cli/slurm.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "cli/watch.h"

static int run_model(const Options *o, Dyn *d) {
  return session_run(o, d, o->operand[0]);
}

static int merge_parts(const Options *o, Dyn *d) {
  DynStatus status = dyn_load_parts(d, o->operand, (size_t)o->noperands);
  if (status != DYN_OK) return status;
  return session_run(o, d, dyn_file(d, 0));
}

static int check_model(const Options *o, Dyn *d) {
  if (o->converge) {
    DynStatus status = dyn_converge(d);
    terminal_end();
    return status;
  }
  DynStatus status = dyn_check(d);
  if (status == DYN_OK && !o->quiet) printf("%s: no errors\n", o->operand[0]);
  return status;
}

static int show_params(const Options *o, Dyn *d) {
  DynStatus status = dyn_check(d);
  if (status == DYN_OK) terminal_params(d, o->list);
  return status;
}

static int show_graph(const Options *o, Dyn *d) {
  (void)o;
  const char *text = dyn_graph(d);
  if (!text) return DYN_MODEL_ERROR;
  fputs(*text ? text : "The model has no network that can be used without arguments.\n", stdout);
  return DYN_OK;
}

/* Replaces the file by way of another one beside it, so that it is never lost. */
static int write_text(const char *path, const char *text) {
  size_t n = strlen(path) + sizeof ".tmp";
  char *beside = malloc(n);
  if (!beside) return DYN_IO;
  snprintf(beside, n, "%s.tmp", path);
  FILE *f = fopen(beside, "w");
  bool ok = f && fputs(text, f) >= 0;
  if (f && fclose(f) != 0) ok = false;
  ok = ok && rename(beside, path) == 0;
  if (!ok) {
    fprintf(stderr, "dynrun: cannot write `%s`: %s\n", path, strerror(errno));
    remove(beside);
  }
  free(beside);
  return ok ? DYN_OK : DYN_IO;
}

/* A trial of each task, into the folder -o. */
static int write_figures(const Options *o, Dyn *d) {
  DynFigure figure;
  int status = DYN_OK;
  if (mkdir(o->output, 0777) != 0 && errno != EEXIST) {
    fprintf(stderr, "dynrun: cannot make folder `%s`: %s\n", o->output, strerror(errno));
    return DYN_IO;
  }
  for (size_t i = 0; status == DYN_OK && dyn_figure(d, i, &figure); i++) {
    const char *svg = dyn_figure_svg(d, i);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.svg", o->output, figure.name);
    status = svg ? write_text(path, svg) : DYN_IO;
  }
  return status;
}

static int show_equations(const Options *o, Dyn *d) {
  DynStatus status = dyn_check(d);
  if (status != DYN_OK) return status;
  const char *text = dyn_describe(d, o->operand[1], o->format);
  if (text) fputs(text, stdout);
  if (!text) return DYN_USAGE;
  return o->output ? write_figures(o, d) : DYN_OK;
}

static bool is_module(const char *name) {
  return strncmp(name, "std.", 4) == 0 && !strchr(name, '/');
}

static int show_documentation(const Options *o, Dyn *d) {
  const char *name = o->operand[0], *module = is_module(name) ? name : NULL;
  DynStatus status = module ? DYN_OK : dyn_load_file(d, name);
  if (status != DYN_OK) return status;
  const char *text = dyn_document(d, module, o->format);
  if (text) fputs(text, stdout);
  return text ? DYN_OK : DYN_USAGE;
}

static int format_model(const Options *o, Dyn *d) {
  const char *text = dyn_format(d);
  if (!text) return DYN_MODEL_ERROR;
  if (o->write) return write_text(o->operand[0], text);
  fputs(text, stdout);
  return DYN_OK;
}

static int flatten_model(const Options *o, Dyn *d) {
  DynStatus status = dyn_check(d);
  if (status != DYN_OK) return status;
  const char *text = dyn_flatten(d);
  if (!text) return DYN_MODEL_ERROR;
  if (o->output) return write_text(o->output, text);
  fputs(text, stdout);
  return DYN_OK;
}

/* ---- what the tables say ---- */

/* The names that `name_at` gives, one on each line. */
static int list_names(Dyn *d, const char *(*name_at)(Dyn *, size_t)) {
  const char *name;
  for (size_t i = 0; (name = name_at(d, i)); i++) puts(name);
  return DYN_OK;
}

static int explain_code(const Options *o, Dyn *d) {
  if (o->list) return list_names(d, dyn_code);
  const char *code = o->operand[0] ? o->operand[0] : "", *text = dyn_explain(d, code);
  if (text)
    fputs(text, stdout);
  else
    fprintf(stderr, "dynrun: there is no diagnostic `%s`; `dynrun explain` lists all\n", code);
  return text ? DYN_OK : DYN_USAGE;
}

static int unknown_name(Dyn *d, const char *name) {
  const char *near = dyn_help_nearest(d, name);
  if (near)
    fprintf(stderr, "dynrun: nothing is called `%s`; did you mean `%s`?\n", name, near);
  else
    fprintf(stderr, "dynrun: nothing is called `%s`; `dynrun help` lists all names\n", name);
  return DYN_USAGE;
}

static int list_help(Dyn *d) {
  list_names(d, dyn_name);
  for (const Command *c = commands + 1; c->run; c++) puts(c->name);
  return DYN_OK;
}

static int help_name(const Options *o, Dyn *d) {
  if (o->list) return list_help(d);
  const char *name = o->operand[0] ? o->operand[0] : "", *text = dyn_help(d, name);
  const Command *command = *name ? options_find_command(name) : NULL;
  if (!text && !command) return unknown_name(d, name);
  if (text) fputs(text, stdout);
  if (text && command) putchar('\n');
  if (command) usage_show_command(stdout, command);
  return DYN_OK;
}

static int show_completion(const Options *o, Dyn *d) {
  (void)d;
  if (usage_show_completion(stdout, o->operand[0])) return DYN_OK;
  fprintf(stderr, "dynrun: no completion for `%s`: it is bash, zsh or fish\n", o->operand[0]);
  return DYN_USAGE;
}

static int list_pages(Dyn *d) {
  list_names(d, dyn_reference_page);
  puts("man");
  return DYN_OK;
}

static int show_reference(const Options *o, Dyn *d) {
  const char *page = o->operand[0];
  if (o->list || !page) return list_pages(d);
  const char *text = dyn_reference(d, page);
  if (text)
    fputs(text, stdout);
  else if (strcmp(page, "man") == 0)
    usage_show_man(stdout);
  else
    fprintf(stderr, "dynrun: there is no page `%s`; `dynrun reference` lists them\n", page);
  return text || strcmp(page, "man") == 0 ? DYN_OK : DYN_USAGE;
}

const Command commands[] = {
    {"", "MODEL.dyn", "run a model",
     "Results go to MODEL.run beside it: report.html, results.h5, figures and run.json.", run_model,
     1, 1, COMMAND_LOADS | COMMAND_MODEL},
    {"check", "MODEL.dyn", "check names, arguments, shapes and units, without running",
     "With --converge each simulation is run, and run again at half its step or a tenth of its\n"
     "tolerances, on the same path of noise. A table shows how much each recorded quantity "
     "changed.",
     check_model, 1, 1, COMMAND_LOADS | COMMAND_MODEL},
    {"watch", "MODEL.dyn", "run it again each time that it is saved",
     "It also runs again when a file that it imports or loads is saved. What is saved during a "
     "run\n"
     "ends that run and starts the next. Errors do not end it; Ctrl-C does, with status 0.\n"
     "All options of a run hold for each run.",
     watch_model, 1, 1, COMMAND_MODEL},
    {"params", "MODEL.dyn", "show its parameters", "", show_params, 1, 1,
     COMMAND_LOADS | COMMAND_MODEL},
    {"show", "MODEL.dyn [NAME]", "show its equations, parameters, sizes and solvers",
     "NAME is a network, task, neuron, connectivity or function of the model; without it all are\n"
     "shown. Nothing is run; weights are drawn for their mean and range, as a run draws them.\n"
     "--format=markdown suits GitHub, --format=latex is to be pasted into a paper. With -o FOLDER "
     "a\n"
     "trial of each task that the model uses is drawn there: inputs, targets, masks, phases.",
     show_equations, 1, 2, COMMAND_LOADS | COMMAND_MODEL},
    {"doc", "MODEL.dyn|std.NAME", "show what its comments say about its declarations",
     "`dynrun doc std.neurons` shows a part of the standard library. The comments are those that\n"
     "begin with ##.",
     show_documentation, 1, 1, COMMAND_MODEL},
    {"graph", "MODEL.dyn", "show its networks as graphs and programs", "", show_graph, 1, 1,
     COMMAND_LOADS | COMMAND_MODEL},
    {"fmt", "MODEL.dyn", "show it in the standard layout; -w writes it", "", format_model, 1, 1,
     COMMAND_LOADS | COMMAND_MODEL},
    {"flatten", "MODEL.dyn", "show it with what it uses of its imports, as one file",
     "The file runs on its own, with the same results. A name x of lab.dyn becomes lab_x there.\n"
     "-o FILE writes it; it finds the files that it loads when it stands beside the model.",
     flatten_model, 1, 1, COMMAND_LOADS | COMMAND_MODEL},
    {"merge", "PART...", "put the parts of a run together",
     "`dynrun model.dyn --part 3/16` computes a sixteenth of the points of each sweep, and writes "
     "them\n"
     "into model.3of16.run. `dynrun merge model.*of16.run` takes the points of all parts, "
     "computes\n"
     "what depends on them, and writes the results that one run gives.",
     merge_parts, 1, OPTIONS_MAX_OPERANDS, 0},
    {"cache", "[prune [SIZE]|why MODEL.dyn]", "list, prune or explain the results that are kept",
     "Results of verbs that take long are kept in ~/.cache/dyn, or in the folder that DYN_CACHE\n"
     "names, and taken again when nothing that they depend on has changed. `dynrun cache prune\n"
     "500MB` removes what was used least recently until 500 MB are left, without a size "
     "everything.\n"
     "`dynrun cache why MODEL.dyn` says of each verb whether its result is kept, and what differs.",
     cache_command, 0, 2, 0},
    {"slurm", "MODEL.dyn", "show a job script that runs it on a cluster",
     "`dynrun slurm sweep.dyn -j 128 > job.sh`, then `sbatch job.sh`: its sweeps are shared by "
     "128\n"
     "ranks of MPI (64 without -j). Other options of a run go into the script.",
     slurm_script, 1, 1, COMMAND_LOADS | COMMAND_MODEL},
    {"verify", "MODEL.run", "run it again from its folder of results, and compare everything",
     "The model, its data, parameters and seed are taken from results.h5. What does not come out "
     "to\n"
     "the last bit is judged by further runs, from starts and draws that are changed in a late\n"
     "digit: a result may differ by ten times as much as theirs, and one that they show to be\n"
     "chaotic must have their statistics. What is not as the run has written it is told as "
     "altered.\n"
     "Status 0: all agrees; 1: something does not. -q shows only what is not the same.",
     results_verify, 1, 1, 0},
    {"diff", "FIRST SECOND", "compare two folders of results, or two models",
     "Of models, parameters, equations and claims are compared, of results also every number.\n"
     "Only what differs is shown. Status 0: nothing does; 1: something does.",
     results_diff, 2, 2, 0},
    {"reproduce", "MODEL.run|FILE", "write the model of a run, and its data, into a folder",
     "Of a folder of results, or of any file of it: figures, tables and archives say where they\n"
     "came from, too. The folder is that of -o, or `model` for model.dyn; it must be new or\n"
     "empty. The command that runs the model as it was run is shown.",
     results_reproduce, 1, 1, 0},
    {"new", "MODEL.dyn", "write a small model to start from",
     "`dynrun new` lists the templates. The name of the file becomes the title. A file that is\n"
     "there already is left alone.",
     library_new, 0, 1, 0},
    {"examples", "[[run|copy] NAME [DIR]]", "list the examples; show, run or copy one",
     "`dynrun examples NAME` shows its text, `dynrun examples run NAME` runs it with results in\n"
     "NAME.run, `dynrun examples copy NAME` puts NAME.dyn into this folder, or into DIR. A file\n"
     "that is there already is left alone.",
     library_examples, 0, 3, 0},
    {"explain", "[CODE]", "what a diagnostic such as E0201 means", "", explain_code, 0, 1, 0},
    {"help", "[NAME]", "what a function, verb, integrator, word or command does", "", help_name, 0,
     1, 0},
    {"reference", "[PAGE]", "a page of the reference, in Markdown",
     "`dynrun reference` lists the pages. The page `man` is the manual page of dynrun, in roff.",
     show_reference, 0, 1, 0},
    {"completion", "bash|zsh|fish", "a script that completes command lines",
     "For bash: `dynrun completion bash > ~/.local/share/bash-completion/completions/dynrun`.\n"
     "For zsh: write it to a file _dynrun in a folder of $fpath. For fish: to\n"
     "~/.config/fish/completions/dynrun.fish.",
     show_completion, 1, 1, 0},
    {0},
};
