/* terminal.c: the callbacks of dynrun, and its summaries. The line of progress is redrawn at most
   ten times a second, and taken away before anything else is written. */
#include "cli/terminal.h"

#include "cli/launcher.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static bool progress_shown;
static double progress_last; /* when it was drawn, in seconds */

/* A second Ctrl-C ends the process at once. */
static void on_signal(int number) {
  interrupted = 1;
  signal(number, SIG_DFL);
}

static bool is_cancelled(void *ctx) {
  (void)ctx;
  return interrupted;
}

bool terminal_interrupted(void) {
  return interrupted;
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void terminal_end(void) {
  if (!progress_shown) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  progress_shown = false;
}

static void on_progress(void *ctx, const char *what, double done, const char *detail) {
  (void)ctx;
  const double interval = 0.1;
  double now = seconds();
  if (now - progress_last < interval) return;
  progress_last = now;
  fprintf(stderr, "\r\033[K%.40s %.32s  %.0f %%", what ? what : "", detail ? detail : "",
          100 * done);
  fflush(stderr);
  progress_shown = true;
}

static void on_print(void *ctx, const char *text) {
  (void)ctx;
  terminal_end();
  fputs(text, stdout);
  fflush(stdout);
}

static void on_diagnostic(void *ctx, const char *text) {
  (void)ctx;
  terminal_end();
  fflush(stdout);
  fputs(text, stderr);
}

/* A launcher of several processes may hand on what they show as a terminal of its own. */
static bool is_terminal(int file) {
  return isatty(file) && !launcher_present();
}

/* May what goes to this file be coloured? https://no-color.org: a variable that is not empty. */
static bool has_color(const Options *o, int file) {
  const char *refused = getenv("NO_COLOR"), *kind = getenv("TERM");
  bool dumb = kind && strcmp(kind, "dumb") == 0;
  if (o->color != COLOR_AUTO) return o->color == COLOR_ALWAYS;
  return is_terminal(file) && !dumb && !(refused && *refused);
}

static DynStyle style_of(const Options *o) {
  if (o->json) return DYN_STYLE_JSON;
  return has_color(o, STDERR_FILENO) ? DYN_STYLE_COLOR : DYN_STYLE_PLAIN;
}

DynCallbacks terminal_callbacks(const Options *o) {
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  progress_last = seconds();
  bool progress = is_terminal(STDERR_FILENO) && !o->quiet && !o->json;
  return (DynCallbacks){.diagnostic = on_diagnostic,
                        .style = style_of(o),
                        .print = on_print,
                        .progress = progress ? on_progress : NULL,
                        .cancelled = is_cancelled};
}

/* ---- claims ---- */

static void show_claim(FILE *out, const DynClaim *c, bool color) {
  const char *on = !color ? "" : c->held ? "\033[32m" : "\033[1;31m";
  fprintf(out, "  %s%s%s  %s", on, c->held ? "holds " : "FAILED", color ? "\033[0m" : "", c->text);
  if (*c->why) fprintf(out, "  (%s)", c->why);
  putc('\n', out);
  if (c->held) return;
  fprintf(out, "          %s:%d:", c->file, c->line);
  if (*c->expected) fprintf(out, " expected %s%s", c->expected, *c->found ? "," : "");
  if (*c->found) fprintf(out, " found %s", c->found);
  putc('\n', out);
}

void terminal_summary(const Dyn *d, const Options *o, const char *folder) {
  size_t n = dyn_claim_count(d), held = 0;
  FILE *out = o->quiet ? stderr : stdout;
  bool color = has_color(o, fileno(out));
  if (n && !o->quiet) fputs("Claims:\n", out);
  DynClaim c;
  for (size_t i = 0; dyn_claim(d, i, &c); i++) {
    held += c.held;
    if (!o->quiet || !c.held) show_claim(out, &c, color);
  }
  if (o->quiet) return;
  if (n) fprintf(out, "%zu of %zu claims hold.\n", held, n);
  fprintf(out, "Results are in %s: open %s/report.html.\n", folder, folder);
}

/* ---- parameters ---- */

static void show_doc(const char *doc) {
  while (*doc) {
    int n = (int)strcspn(doc, "\n");
    printf("      %.*s\n", n, doc);
    doc += n + (doc[n] == '\n');
  }
}

static void show_param(const DynParam *p) {
  printf("  %s = %s", p->name, p->value);
  if (p->lo && p->hi) printf("  in [%s, %s]", p->lo, p->hi);
  if (p->set) printf("  (default %s)", p->dflt);
  putchar('\n');
  show_doc(p->doc);
}

void terminal_params(const Dyn *d, bool names_only) {
  DynParam p;
  for (size_t i = 0; dyn_param(d, i, &p); i++) {
    if (names_only)
      puts(p.name);
    else
      show_param(&p);
  }
  if (!names_only && dyn_param_count(d) == 0) puts("The model has no parameters.");
}
