/* html_run.c: how the run went: claims, warnings, timing, provenance. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/sha256.h"
#include "report/html.h"
#include "report/machine.h"
#include "report/svg.h"
#include "run/run.h"

/* ---- claims ---------------------------------------------------------------------------------- */

/* The analysis in whose text a claim stands. */
static const Ast *section_of(const Page *p, Where at) {
  const Ast *file = p->ev->main_file;
  for (uint32_t i = 0; file && i < file->nkids; i++)
    if (file->kids[i]->kind == AST_ANALYSIS && page_lies_in(at, file->kids[i]))
      return file->kids[i];
  return NULL;
}

static void put_claim(Page *p, const Claim *c) {
  Arena *a = p->arena;
  page_add(p, c->held ? "<tr><td class=\"good\">✓" : "<tr><td class=\"bad\">✗");
  page_add(p, "</td><td>");
  if (c->why && *c->why) page_printf(p, "%s<br>", markup_escape(a, c->why));
  page_printf(p,
              "<code>%s</code></td><td data-is=\"expected\">%s</td><td data-is=\"found\">%s</td>"
              "<td class=\"soft\">%s</td></tr>\n",
              markup_escape(a, c->text), markup_escape(a, c->expected), markup_escape(a, c->found),
              markup_escape(a, page_place(p, c->at)));
}

void html_claims(Page *p, const Ast *section) {
  bool open = false;
  for (size_t i = 0; i < p->ev->claims.n; i++) {
    const Claim *c = &p->ev->claims.at[i];
    if (section_of(p, c->at) != section) continue;
    if (!open && !section) page_section(p, "claims", "Claims");
    if (!open)
      page_add(p,
               "<div class=\"scroll\"><table "
               "class=\"claims\"><tr><th></th><th>Claim</th><th>Expected</th>"
               "<th>Found</th><th></th></tr>\n");
    open = true;
    put_claim(p, c);
  }
  if (open) page_add(p, "</table></div>\n");
}

/* ---- warnings -------------------------------------------------------------------------------- */

static void put_diagnostic(Page *p, const Diag *d) {
  Arena *a = p->arena;
  const char *place = page_place(p, d->at);
  page_printf(p, "<p class=\"%s\">%s%s%s <span class=\"soft\">[%s]</span></p>\n",
              d->level == DIAG_ERROR ? "bad" : "warn", markup_escape(a, place), *place ? ": " : "",
              markup_escape(a, d->msg), diag_info(d->code)->code);
  for (const Diag *n = d->notes; n; n = n->next)
    page_printf(p, "<p class=\"soft\">%s</p>\n", markup_escape(a, n->msg));
}

void html_warnings(Page *p) {
  if (!p->ev->diag->first) return;
  page_section(p, "warnings", p->ev->diag->errors ? "Errors and warnings" : "Warnings");
  for (const Diag *d = p->ev->diag->first; d; d = d->next) put_diagnostic(p, d);
}

/* ---- timing ---------------------------------------------------------------------------------- */

void html_timing(Page *p) {
  if (!p->ev->timings.n) return;
  page_section(p, "timing", "Timing");
  page_add(p,
           "<div class=\"scroll\"><table><tr><th>Verb</th><th class=\"n\">Calls</th><th "
           "class=\"n\">Seconds</th><th>Solver</th><th></th></tr>\n");
  for (size_t i = 0; i < p->ev->timings.n; i++) {
    const Timing *t = &p->ev->timings.at[i];
    page_printf(p,
                "<tr><td><code>%s</code></td><td class=\"n\">%lld</td><td "
                "class=\"n\">%.3g</td><td>%s%s%s</td><td "
                "class=\"soft\">%s</td></tr>\n",
                t->name, (long long)t->calls, t->seconds,
                markup_escape(p->arena, t->solver ? t->solver : ""),
                t->solver && t->kept ? "; " : "", kept_text(p->arena, t),
                markup_escape(p->arena, page_place(p, t->at)));
  }
  page_printf(p,
              "<tr><td>The whole run</td><td></td><td "
              "class=\"n\">%.3g</td><td></td><td></td></tr></table></div>\n",
              p->info->seconds);
}

/* ---- provenance ------------------------------------------------------------------------------ */

static void put_row(Page *p, const char *what, const char *value, bool code) {
  page_printf(
      p,
      code ? "<tr><td>%s</td><td><code>%s</code></td></tr>\n" : "<tr><td>%s</td><td>%s</td></tr>\n",
      markup_escape(p->arena, what), markup_escape(p->arena, value));
}

static void put_source_hash(Page *p, const Source *s) {
  char hex[65];
  sha256_hex(s->text, s->len, hex);
  put_row(p, s->name, hex, true);
}

static void put_sources(Page *p) {
  put_source_hash(p, p->ev->main_source);
  for (size_t i = 0; i < p->ev->modules.n; i++) {
    const Value *module = p->ev->modules.items[i].value;
    if (module->at.src && module->at.src != p->ev->main_source) put_source_hash(p, module->at.src);
  }
}

void html_provenance(Page *p) {
  Arena *a = p->arena;
  struct utsname u;
  char when[40];
  time_t started = (time_t)p->info->started;
  struct tm utc;
  strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&started, &utc));
  page_section(p, "provenance", "Provenance");
  page_add(p, "<div class=\"scroll\"><table class=\"origin\">\n");
  put_row(p, "dynrun", p->info->version, false);
  put_row(p, "Started", when, false);
  put_row(p, "Seed", arena_printf(a, "%llu", (unsigned long long)p->ev->seed), false);
  put_row(p, "Libraries", machine_libraries(a), false);
  if (uname(&u) == 0)
    put_row(
        p, "Machine",
        arena_printf(a, "%s %s, %s, kernels for %s", u.sysname, u.release, u.machine, run_isa()),
        false);
  page_add(p, "<tr><th>File</th><th>SHA-256</th></tr>\n");
  put_sources(p);
  page_add(p,
           "</table></div>\n<p class=\"soft\">More of it is in <a "
           "href=\"run.json\">run.json</a>.</p>\n");
}
