/* library.c: examples and templates, which are part of the program, so that they are there wherever
   it is installed. A file that exists is never written over. */
#include "cli/library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/embedded.h"
#include "cli/session.h"

static const EmbeddedFile *find_file(const EmbeddedFile *table, const char *name) {
  for (const EmbeddedFile *f = table; f->name; f++)
    if (strcmp(f->name, name) == 0) return f;
  return NULL;
}

/* The word in a template that the title of the new model replaces. */
static const char *const title_mark = "TITLE";

/* What the file is about: the first sentence of its first ## comment, or, if that is long enough,
   the part before its colon, without what stands in parentheses. */
static void put_title(const EmbeddedFile *f) {
  enum { ENOUGH = 20 };
  const char *start = strstr(f->text, "## "), *p = start ? start + 3 : "";
  size_t mark = strlen(title_mark);
  if (strncmp(p, title_mark, mark) == 0) p += mark + strlen(". ");
  int depth = 0, shown = 0;
  for (; *p && strncmp(p, "\n\n", 2) != 0; p++) {
    bool closes = p[1] == ' ' || p[1] == '\n';
    bool ends = *p == '.' || *p == '?' || (*p == ':' && shown >= ENOUGH);
    if (depth == 0 && closes && ends) break;
    if (strncmp(p, " (", 2) == 0 || strncmp(p, "\n## (", 5) == 0) depth++;
    bool breaks = strncmp(p, "\n## ", 4) == 0;
    if (depth == 0) shown += printf("%c", breaks ? ' ' : *p);
    if (breaks) p += 3;
    if (*p == ')' && depth) depth--;
  }
  putchar('\n');
}

static void list_files(const EmbeddedFile *table, bool names_only) {
  int width = 0;
  for (const EmbeddedFile *f = table; f->name; f++)
    if ((int)strlen(f->name) > width) width = (int)strlen(f->name);
  for (const EmbeddedFile *f = table; f->name; f++) {
    if (names_only) {
      puts(f->name);
      continue;
    }
    printf("  %-*s  ", width, f->name);
    put_title(f);
  }
}

static int write_new(const char *path, const char *head, size_t nhead, const char *title,
                     const char *tail) {
  FILE *f = fopen(path, "wx");
  bool ok = f && fwrite(head, 1, nhead, f) == nhead && fputs(title, f) >= 0 && fputs(tail, f) >= 0;
  if (f && fclose(f) != 0) ok = false;
  if (ok) return DYN_OK;
  if (!f && errno == EEXIST)
    fprintf(stderr, "dynrun: `%s` is there already and was left alone\n", path);
  else
    fprintf(stderr, "dynrun: cannot write `%s`: %s\n", path, strerror(errno));
  return DYN_IO;
}

/* ---- new ---- */

static const char *const default_template = "rate";

/* "dir/ring_net.dyn" gives "ring net"; NULL: it is no name of a model. */
static char *title_from(const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  size_t n = strlen(base);
  if (n <= 4 || strcmp(base + n - 4, ".dyn") != 0) return NULL;
  char *title = strndup(base, n - 4);
  for (char *p = title; p && *p; p++)
    if (*p == '_' || *p == '-') *p = ' ';
  return title;
}

static int write_model(const EmbeddedFile *template, const char *path, const char *title) {
  const char *mark = strstr(template->text, title_mark);
  int status = write_new(path, template->text, (size_t)(mark - template->text), title,
                         mark + strlen(title_mark));
  if (status == DYN_OK)
    printf("%s is a model that runs; next: dynrun %s, or dynrun watch %s\n", path, path, path);
  return status;
}

int library_new(const Options *o, Dyn *d) {
  (void)d;
  if (o->list || o->noperands == 0) {
    list_files(embedded_templates, o->list);
    if (!o->list) puts("\ndynrun new MODEL.dyn --template NAME starts from one of them.");
    return DYN_OK;
  }
  const char *name = o->template ? o->template : default_template;
  const EmbeddedFile *template = find_file(embedded_templates, name);
  if (!template) {
    fprintf(stderr, "dynrun: there is no template `%s`; `dynrun new` lists them\n", name);
    return DYN_USAGE;
  }
  char *title = title_from(o->operand[0]);
  int status = DYN_USAGE;
  if (title)
    status = write_model(template, o->operand[0], title);
  else
    fprintf(stderr, "dynrun: the name of a model ends in .dyn: dynrun new %s.dyn\n", o->operand[0]);
  free(title);
  return status;
}

/* ---- examples ---- */

static int run_example(const Options *o, Dyn *d, const EmbeddedFile *f) {
  char file[128];
  snprintf(file, sizeof file, "%s.dyn", f->name);
  DynStatus status = dyn_load_text(d, file, f->text, f->len);
  return status == DYN_OK ? session_run(o, d, file) : status;
}

static int copy_example(const EmbeddedFile *f, const char *folder) {
  size_t n = strlen(folder) + strlen(f->name) + sizeof "/.dyn";
  char *path = malloc(n);
  if (!path) return DYN_IO;
  bool here = strcmp(folder, ".") == 0, slash = *folder && folder[strlen(folder) - 1] == '/';
  snprintf(path, n, "%s%s%s.dyn", here ? "" : folder, here || slash ? "" : "/", f->name);
  int status = write_new(path, f->text, f->len, "", "");
  if (status == DYN_OK) puts(path);
  free(path);
  return status;
}

static int usage_error(const char *what, const char *word) {
  fprintf(stderr, "dynrun: %s `%s`\nTry `dynrun help examples`.\n", what, word);
  return DYN_USAGE;
}

int library_examples(const Options *o, Dyn *d) {
  if (o->list || o->noperands == 0) {
    list_files(embedded_examples, o->list);
    if (!o->list) puts("\ndynrun examples NAME shows one, examples run NAME runs it.");
    return DYN_OK;
  }
  const char *word = o->operand[0];
  bool runs = strcmp(word, "run") == 0, copies = strcmp(word, "copy") == 0;
  int at = runs || copies;
  if (o->noperands <= at) return usage_error("the name of an example is missing after", word);
  if (o->noperands > at + 1 + copies)
    return usage_error("too many operands: there is also", o->operand[o->noperands - 1]);
  const EmbeddedFile *f = find_file(embedded_examples, o->operand[at]);
  if (!f) return usage_error("there is no example", o->operand[at]);
  if (runs) return run_example(o, d, f);
  if (copies) return copy_example(f, o->noperands > 2 ? o->operand[2] : ".");
  fputs(f->text, stdout);
  return DYN_OK;
}
