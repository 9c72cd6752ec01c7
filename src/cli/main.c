/* main.c: dynrun. Each subcommand is a row of `commands`; all of them go through dyn.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

/* Sets the options and loads the model. */
static DynStatus load(const Options *o, Dyn *d) {
  DynCallbacks callbacks = terminal_callbacks(o);
  dyn_set_callbacks(d, &callbacks);
  dyn_set_seed(d, o->seed);
  dyn_set_workers(d, o->workers);
  for (int i = 0; i < o->nparams; i++) {
    size_t n = strcspn(o->params[i], "=");
    char *name = strndup(o->params[i], n);
    dyn_set_param(d, name, o->params[i] + n + 1);
    free(name);
  }
  return dyn_load_file(d, o->operand);
}

/* "dir/model.dyn" gives "dir/model.run". */
static char *default_folder(const char *file) {
  size_t n = strlen(file);
  if (n > 4 && strcmp(file + n - 4, ".dyn") == 0) n -= 4;
  char *folder = malloc(n + 5);
  if (folder) sprintf(folder, "%.*s.run", (int)n, file);
  return folder;
}

static int run_model(const Options *o, Dyn *d) {
  char *folder = o->output ? strdup(o->output) : default_folder(o->operand);
  dyn_set_output(d, folder);
  DynStatus status = dyn_run(d);
  terminal_end();
  bool written = status == DYN_OK || status == DYN_CLAIM_FAILED || status == DYN_NUMERICAL;
  if (written) terminal_summary(d, o, folder);
  if (status == DYN_INTERRUPTED) fputs("dynrun: interrupted; nothing was written\n", stderr);
  free(folder);
  return status;
}

static int check_model(const Options *o, Dyn *d) {
  DynStatus status = dyn_check(d);
  if (status == DYN_OK && !o->quiet) printf("%s: no errors\n", o->operand);
  return status;
}

static int show_params(const Options *o, Dyn *d) {
  (void)o;
  DynStatus status = dyn_check(d);
  if (status == DYN_OK) terminal_params(d);
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

static int format_model(const Options *o, Dyn *d) {
  const char *text = dyn_format(d);
  if (!text) return DYN_MODEL_ERROR;
  if (o->write) return write_text(o->operand, text);
  fputs(text, stdout);
  return DYN_OK;
}

static int explain_code(const Options *o, Dyn *d) {
  const char *text = dyn_explain(d, o->operand);
  if (text)
    fputs(text, stdout);
  else
    fprintf(stderr, "dynrun: there is no diagnostic `%s`; codes look like E0201\n", o->operand);
  return text ? DYN_OK : DYN_USAGE;
}

static int help_name(const Options *o, Dyn *d) {
  const char *name = o->operand ? o->operand : "", *text = dyn_help(d, name);
  if (text) {
    fputs(text, stdout);
    return DYN_OK;
  }
  const char *near = dyn_help_nearest(d, name);
  if (near)
    fprintf(stderr, "dynrun: nothing is called `%s`; did you mean `%s`?\n", name, near);
  else
    fprintf(stderr, "dynrun: nothing is called `%s`; `dynrun help` lists all names\n", name);
  return DYN_USAGE;
}

const Command commands[] = {
    {"", "MODEL.dyn", "run it", run_model, COMMAND_LOADS},
    {"check", "MODEL.dyn", "check names, arguments, shapes and units, without running", check_model,
     COMMAND_LOADS},
    {"params", "MODEL.dyn", "show its parameters", show_params, COMMAND_LOADS},
    {"graph", "MODEL.dyn", "show its networks as graphs and programs", show_graph, COMMAND_LOADS},
    {"fmt", "MODEL.dyn", "show it in the standard layout; -w writes it", format_model,
     COMMAND_LOADS},
    {"explain", "CODE", "what a diagnostic such as E0201 means", explain_code, 0},
    {"help", "NAME", "what a function, verb, integrator or word does", help_name, COMMAND_OPTIONAL},
    {0},
};

static int run_command(const Options *o) {
  Dyn *d = dyn_new();
  int status = o->command->flags & COMMAND_LOADS ? (int)load(o, d) : DYN_OK;
  if (status == DYN_OK) status = o->command->run(o, d);
  dyn_free(d);
  return status;
}

int main(int argc, char **argv) {
  Options o;
  signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of writing, not the end */
  int status = options_read(&o, argc, argv);
  if (status < 0) status = run_command(&o);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "dynrun: cannot write to standard output: %s\n", strerror(errno));
    if (status == DYN_OK) status = DYN_IO;
  }
  return status;
}
