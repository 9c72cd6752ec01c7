/* usage.c: the short usage and the manual page. */
#include "cli/usage.h"

#include <ctype.h>

typedef struct ExitStatus {
  int status;
  const char *doc;
} ExitStatus;

static const ExitStatus exit_statuses[] = {
    {DYN_OK, "all well"},
    {DYN_CLAIM_FAILED, "a claim failed, or results differ"},
    {DYN_USAGE, "bad usage"},
    {DYN_MODEL_ERROR, "an error in the model"},
    {DYN_NUMERICAL, "a numerical failure"},
    {DYN_IO, "input or output"},
    {DYN_INTERRUPTED, "interrupted"},
};
enum { EXIT_STATUSES = sizeof exit_statuses / sizeof *exit_statuses };

const char *usage_status(DynStatus status) {
  for (int i = 0; i < EXIT_STATUSES; i++)
    if (exit_statuses[i].status == (int)status) return exit_statuses[i].doc;
  return "";
}

/* ---- short ---- */

static void show_option(FILE *out, const Option *o) {
  char left[64], letter[8] = "    ";
  if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
  snprintf(left, sizeof left, "%s--%s %s", letter, o->name, o->takes ? o->takes : "");
  fprintf(out, "  %-33s %s\n", left, o->doc);
}

void usage_show(FILE *out) {
  fprintf(out, "Usage: dynrun %s [options]   %s\n\nCommands:\n", commands->operands, commands->doc);
  for (const Command *c = commands + 1; c->run; c++) {
    char left[64];
    snprintf(left, sizeof left, "%s %s", c->name, c->operands);
    fprintf(out, "  %-33s %s\n", left, c->doc);
  }
  fputs("\nOptions:\n", out);
  for (const Option *o = options; o->name; o++) show_option(out, o);
  fputs("\nExit status:", out);
  for (int i = 0; i < EXIT_STATUSES; i++)
    fprintf(out, "%s %d %s%s", i == 4 ? "\n " : "", exit_statuses[i].status, exit_statuses[i].doc,
            i + 1 < EXIT_STATUSES ? "," : ".\n");
}

void usage_show_command(FILE *out, const Command *c) {
  fprintf(out, "dynrun %s %s\n\n%c%s.%s%s\n", c->name, c->operands, toupper(*c->doc), c->doc + 1,
          *c->more ? "\n" : "", c->more);
  bool any = false;
  for (const Option *o = options; o->name; o++) {
    if (!o->only || !options_fit(o, c)) continue;
    if (!any) fputs("\nOptions of its own:\n", out);
    any = true;
    show_option(out, o);
  }
}

/* ---- the manual page ---- */

/* Text in roff: backslashes and hyphens keep their looks, a point or quote at the start of a line
   is no request, words in `` are bold. */
static void put_roff(FILE *out, const char *text) {
  bool bold = false, line_start = true;
  for (const char *p = text; *p; p++) {
    if (line_start && (*p == '.' || *p == '\'')) fputs("\\&", out);
    line_start = *p == '\n';
    if (*p == '`') {
      bold = !bold;
      fputs(bold ? "\\fB" : "\\fR", out);
    } else if (*p == '-') {
      fputs("\\-", out);
    } else if (*p == '\\') {
      fputs("\\e", out);
    } else {
      putc(*p, out);
    }
  }
}

/* One entry: what is written, and what it does. */
static void put_entry(FILE *out, const char *bold, const char *italic, const char *doc) {
  fputs(".TP\n\\fB", out);
  put_roff(out, bold);
  fputs("\\fR", out);
  if (*italic) fputs(" \\fI", out);
  put_roff(out, italic);
  if (*italic) fputs("\\fR", out);
  fprintf(out, "\n%c", toupper(*doc));
  put_roff(out, doc + 1);
  fputs(".\n", out);
}

static void put_commands(FILE *out) {
  fputs(".SH COMMANDS\n", out);
  for (const Command *c = commands; c->run; c++) {
    put_entry(out, *c->name ? c->name : "dynrun", c->operands, c->doc);
    if (!*c->more) continue;
    fputs(".br\n", out);
    put_roff(out, c->more);
    putc('\n', out);
  }
}

static void put_options(FILE *out) {
  fputs(".SH OPTIONS\n", out);
  for (const Option *o = options; o->name; o++) {
    char name[64], letter[8] = "";
    if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(name, sizeof name, "%s--%s", letter, o->name);
    put_entry(out, name, o->takes ? o->takes : "", o->doc);
    if (!o->only) continue;
    fputs("Only with:\n", out);
    put_roff(out, o->only);
    fputs(".\n", out);
  }
}

static void put_statuses(FILE *out) {
  fputs(".SH EXIT STATUS\n", out);
  for (int i = 0; i < EXIT_STATUSES; i++) {
    char number[8];
    snprintf(number, sizeof number, "%d", exit_statuses[i].status);
    put_entry(out, number, "", exit_statuses[i].doc);
  }
}

void usage_show_man(FILE *out) {
  fprintf(out, ".TH DYNRUN 1 \"\" \"dynrun %s\" \"Dyn\"\n.SH NAME\n", dyn_version());
  fputs("dynrun \\- run models of neural dynamics\n.SH SYNOPSIS\n", out);
  fputs(".B dynrun\n.I MODEL.dyn\n.RI [ options ]\n.br\n", out);
  fputs(".B dynrun\n.I command\n.RI [ operands ]\n.RI [ options ]\n.SH DESCRIPTION\n", out);
  put_roff(out,
           "A model is one text file: neurons, networks, tasks, runs and the claims that they must "
           "meet.\n"
           "`dynrun` checks the whole file, names, shapes and units, before any work starts; then "
           "it runs it,\n"
           "draws its figures and says which claims hold.\n"
           "A result depends on nothing but the text, the parameters and the seed.\n");
  put_commands(out);
  put_options(out);
  put_statuses(out);
  fputs(".SH FILES\n", out);
  put_entry(out, "model.run/results.h5", "", "every result, with units");
  put_entry(out, "model.run/report.html", "", "figures, claims, parameters and equations");
  put_entry(out, "model.run/figures/", "", "each figure as a file");
  put_entry(out, "model.run/run.json", "",
            "hashes of the sources, parameters, seed, versions and claims");
  fputs(".SH ENVIRONMENT\n", out);
  put_entry(
      out, "DYN_CACHE", "",
      "the folder in which results are kept for later runs, else `~/.cache/dyn`; `off`: none are");
  put_entry(out, "OPENBLAS_CORETYPE", "", "the kernels of OpenBLAS; set to Haswell by --portable");
  put_entry(out, "TMPDIR", "", "where verify runs a model again (/tmp)");
  put_entry(out, "NO_COLOR", "", "when it is set and not empty, nothing is coloured");
  fputs(".SH EXAMPLES\n.nf\n", out);
  put_roff(out,
           "dynrun new ring.dyn\n"
           "dynrun watch ring.dyn\n"
           "dynrun ring.dyn -p g=2 --seed 7 -o out\n"
           "dynrun examples copy lorenz\n"
           "dynrun help simulate\n");
  fputs(".fi\n", out);
}
