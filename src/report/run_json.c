/* run_json.c: run.json, what a run was made of: hashes of all source files, parameters, seed,
   versions, machine, timing, and the claims. One object, laid out for people to read. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "report/machine.h"
#include "report/provenance.h"
#include "report/report.h"
#include "run/run.h"

/* Arrays longer than this are given by their shape only. */
enum { MAX_ELEMENTS = 1000 };

/* `"key": "value"` on a line of its own; the first member of an object has no comma before it. */
static void put_member(FILE *out, const char *indent, const char *key, const char *value,
                       bool first) {
  fprintf(out, "%s\n%s", first ? "" : ",", indent);
  json_string(out, key);
  fputs(": ", out);
  json_string(out, value);
}

/* Nested lists, the last axis innermost. */
static void put_elements(FILE *out, Shape s, const double *data) {
  if (s.rank == 0) {
    json_number(out, *data);
    return;
  }
  Shape inner = shape_tail(s, 1);
  putc('[', out);
  for (int64_t i = 0; i < s.n[0]; i++) {
    if (i) fputs(", ", out);
    put_elements(out, inner, data + i * shape_count(inner));
  }
  putc(']', out);
}

static void put_value(FILE *out, const Value *v) {
  if (v->kind == V_STRING)
    json_string(out, v->text);
  else if (value_is_known(v) && shape_count(v->tensor->shape) <= MAX_ELEMENTS)
    put_elements(out, v->tensor->shape, v->tensor->data);
  else
    fputs("null", out);
}

static void put_params(FILE *out, Ev *ev) {
  fputs(",\n  \"parameters\": {", out);
  for (size_t i = 0; i < ev->params.n; i++) {
    const Param *p = &ev->params.at[i];
    fprintf(out, "%s\n    ", i ? "," : "");
    json_string(out, p->name);
    fputs(": {\"value\": ", out);
    put_value(out, p->value);
    if (value_is_array(p->value)) {
      fputs(", \"unit\": ", out);
      json_string(out, unit_label(ev->arena, p->value->dim));
    }
    fprintf(out, ", \"set\": %s}", p->set_from ? "true" : "false");
  }
  fputs("\n  }", out);
}

static void put_source(FILE *out, const char *name, const char *text, size_t len, bool first) {
  char hex[65];
  sha256_hex(text, len, hex);
  put_member(out, "    ", name, hex, first);
}

/* The main file and what it imports; a module knows its text by the place where it was made. */
static void put_sources(FILE *out, const Ev *ev) {
  fputs(",\n  \"sha256\": {", out);
  put_source(out, ev->main_source->name, ev->main_source->text, ev->main_source->len, true);
  for (size_t i = 0; i < ev->modules.n; i++) {
    const Value *module = ev->modules.items[i].value;
    const Source *s = module->at.src;
    if (s && s != ev->main_source)
      put_source(out, ev->modules.items[i].key, s->text, s->len, false);
  }
  fputs("\n  }", out);
}

static void put_versions(FILE *out, Arena *a) {
  fputs(",\n  \"libraries\": {", out);
  for (int i = 0; i < MACHINE_LIBRARIES; i++)
    put_member(out, "    ", machine_library(i), machine_library_version(a, i), i == 0);
  fputs("\n  }", out);
}

static void put_machine(FILE *out, Arena *a) {
  struct utsname u;
  if (uname(&u) != 0) return;
  fputs(",\n  \"machine\": {", out);
  put_member(out, "    ", "system", arena_printf(a, "%s %s", u.sysname, u.release), true);
  put_member(out, "    ", "architecture", u.machine, false);
  put_member(out, "    ", "processor", machine_processor(a), false);
  put_member(out, "    ", "kernels", run_isa(), false);
  fprintf(out, ",\n    \"cores\": %ld\n  }", sysconf(_SC_NPROCESSORS_ONLN));
}

static void put_claims(FILE *out, const Ev *ev) {
  fputs(",\n  \"claims\": [", out);
  for (size_t i = 0; i < ev->claims.n; i++) {
    const Claim *c = &ev->claims.at[i];
    int line = 0, column;
    if (c->at.src) source_line_col(c->at.src, c->at.span.start, &line, &column);
    fprintf(out, "%s\n    {\"line\": %d, \"held\": %s, \"claim\": ", i ? "," : "", line,
            c->held ? "true" : "false");
    json_string(out, c->text);
    fputs(", \"why\": ", out);
    json_string(out, c->why);
    fputs(", \"expected\": ", out);
    json_string(out, c->expected);
    fputs(", \"found\": ", out);
    json_string(out, c->found);
    putc('}', out);
  }
  fputs("\n  ]", out);
}

static void put_timing(FILE *out, const RunInfo *info) {
  char started[32];
  time_t when = (time_t)info->started;
  struct tm utc;
  strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &utc));
  put_member(out, "  ", "started", started, false);
  fprintf(out, ",\n  \"seconds\": %.6g", info->seconds);
}

/* How each call of a verb was integrated. */
static void put_solvers(FILE *out, Ev *ev) {
  const char *sep = "";
  fputs(",\n  \"solvers\": [", out);
  for (size_t i = 0; i < ev->timings.n; i++) {
    const Timing *t = &ev->timings.at[i];
    if (!t->solver) continue;
    int line = 0, column;
    if (t->at.src) source_line_col(t->at.src, t->at.span.start, &line, &column);
    fprintf(out, "%s\n    {\"line\": %d, \"verb\": ", sep, line);
    json_string(out, t->name);
    fputs(", \"solver\": ", out);
    json_string(out, t->solver);
    putc('}', out);
    sep = ",";
  }
  fputs(*sep ? "\n  ]" : "]", out);
}

/* Calls whose results an earlier run has kept. */
static void put_from_cache(FILE *out, Ev *ev) {
  const char *sep = "";
  for (size_t i = 0; i < ev->timings.n; i++) {
    const Timing *t = &ev->timings.at[i];
    int line = 0, column;
    if (t->kept == 0) continue;
    if (t->at.src) source_line_col(t->at.src, t->at.span.start, &line, &column);
    fprintf(out, "%s\n    {\"line\": %d, \"verb\": ", *sep ? sep : ",\n  \"from_cache\": [", line);
    json_string(out, t->name);
    fprintf(out, ", \"calls\": %lld, \"kept\": %lld}", (long long)t->calls, (long long)t->kept);
    sep = ",";
  }
  if (*sep) fputs("\n  ]", out);
}

static void put_sums(FILE *out, const char *key, const Sums *sums) {
  fprintf(out, ",\n  \"%s\": {", key);
  for (size_t i = 0; i < sums->n; i++)
    put_member(out, "    ", sums->at[i].name, sums->at[i].sha256, i == 0);
  fputs(sums->n ? "\n  }" : "}", out);
}

/* What results.h5 keeps, to be run again from. */
static void put_provenance(FILE *out, const Provenance *p) {
  char hex[SHA256_HEX];
  sha256_hex(p->source, strlen(p->source), hex);
  put_member(out, "  ", "source", hex, false);
  fputs(",\n  \"data\": [", out);
  for (size_t i = 0; i < p->files.n; i++) {
    const KeptFile *f = &p->files.at[i];
    fprintf(out, "%s\n    {\"name\": ", i ? "," : "");
    json_string(out, f->name);
    fputs(", \"path\": ", out);
    json_string(out, f->path);
    fprintf(out, ", \"bytes\": %lld, \"sha256\": \"%s\", \"kept\": %s}", (long long)f->bytes,
            f->sha256, f->data ? "true" : "false");
  }
  fputs(p->files.n ? "\n  ]" : "]", out);
}

bool run_json_write(Ev *ev, const RunRecord *r, const char *path, const char **why) {
  const Provenance *p = r->origin;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  fprintf(out, "{\n  \"layout\": %d", PROVENANCE_LAYOUT);
  put_member(out, "  ", "model", ev->main_source->name, false);
  put_member(out, "  ", "status", r->info->status, false);
  put_member(out, "  ", "dynrun", r->info->version, false);
  put_member(out, "  ", "command", r->info->command ? r->info->command : p->command, false);
  fprintf(out, ",\n  \"portable\": %s", p->portable ? "true" : "false");
  fprintf(out, ",\n  \"seed\": %llu", (unsigned long long)ev->seed);
  put_params(out, ev);
  put_sources(out, ev);
  put_claims(out, ev);
  put_provenance(out, p);
  put_sums(out, "results", &r->results);
  put_sums(out, "files", &r->files);
  put_versions(out, ev->arena);
  put_machine(out, ev->arena);
  put_solvers(out, ev);
  put_from_cache(out, ev);
  put_timing(out, r->info);
  put_member(out, "  ", "provenance", r->origin_text, false);
  fputs("\n}\n", out);
  fclose(out);
  bool ok = file_write(ev->arena, path, text, len, why);
  free(text);
  return ok;
}
