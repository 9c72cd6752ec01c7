/* part.c: see part.h. The folder of a part holds a cache of its own and a file `part`: lines of
   what it is, then of what all parts must agree in, which is everything that the points depend on.
 */
#include "api/part.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "lang/kept.h"
#include "run/identity.h"
#include "verb/checkpoint.h"

static const char FORMAT[] = "dyn-part 1\n";

void dyn_set_part(Dyn *d, int number, int of) {
  d->part_number = number;
  d->part_of = of;
}

static DynStatus refuse(Dyn *d, DiagCode code, const char *what) {
  diag_add(&d->diag, code, (Where){0}, "%s", what);
  api_show_diagnostics(d);
  return code == E0820 ? DYN_USAGE : DYN_IO;
}

/* ---- the file ---- */

static void put(Arena *a, const char **text, const char *word, const char *value) {
  *text = arena_printf(a, "%s%s %s\n", *text, word, value);
}

/* Files that were read, with their digests; the model is the first. */
static const char *files_text(Dyn *d, Arena *a) {
  const char *text = "", *path;
  for (size_t i = 0; (path = dyn_file(d, i)); i++) {
    char *bytes, hex[SHA256_HEX];
    size_t n;
    if (!file_read(a, path, &bytes, &n, NULL)) continue;
    sha256_hex(bytes, n, hex);
    put(a, &text, "file", arena_printf(a, "%s %s", hex, path));
  }
  return text;
}

/* What all parts of a run have in common. */
static const char *common_text(Dyn *d, Arena *a) {
  const char *text = arena_printf(a, "seed %llu\n", (unsigned long long)d->seed);
  put(a, &text, "parts", arena_printf(a, "%d", d->part_of));
  put(a, &text, "build", identity_build(a));
  put(a, &text, "machine", kept_machine(a));
  for (size_t i = 0; i < d->sets.n; i++)
    if (d->sets.items[i].value)
      put(a, &text, "param",
          arena_printf(a, "%s=%s", d->sets.items[i].key, (const char *)d->sets.items[i].value));
  return arena_printf(a, "%s%s", text, files_text(d, a));
}

static bool write_part(Dyn *d, const char *state, const char **why) {
  Arena *a = d->work;
  char folder[4096];
  const char *text = FORMAT;
  put(a, &text, "number", arena_printf(a, "%d", d->part_number));
  put(a, &text, "state", state);
  put(a, &text, "in", getcwd(folder, sizeof folder) ? folder : ".");
  text = arena_printf(a, "%s%s", text, common_text(d, a));
  return file_write(a, path_join(a, d->output, "part"), text, strlen(text), why);
}

/* ---- a part ---- */

/* Only a new folder, or one of the same part, is written into. */
static bool open_folder(Dyn *d, const char **why) {
  Arena *a = d->work;
  const char *own = arena_printf(a, "\nnumber %d\n", d->part_number),
             *path = path_join(a, d->output, "part");
  char *text;
  size_t n;
  if (!file_exists(d->output)) return folder_make(a, d->output, why);
  if (file_read(a, path, &text, &n, why) && strstr(text, own)) return true;
  *why = arena_printf(a, "`%s` exists and does not hold this part", d->output);
  return false;
}

static DynStatus part_error(Dyn *d, const char *why) {
  return refuse(
      d, E0710,
      arena_printf(d->work, "the results cannot be written: %s; `-o FOLDER` puts them elsewhere",
                   why));
}

DynStatus part_run(Dyn *d) {
  const char *why;
  if (!d->output) return refuse(d, E0820, "a part needs a folder for its results");
  if (!open_folder(d, &why) || !write_part(d, "unfinished", &why)) return part_error(d, why);
  d->ev.ranks = NULL; /* parts take the place of ranks */
  d->ev.kept = kept_open(d->work, path_join(d->work, d->output, "cache"));
  d->ev.kept->part.number = d->part_number;
  d->ev.kept->part.of = d->part_of;
  d->ev.checkpoints = path_join(d->work, d->output, "checkpoints");
  RunInfo info = {0};
  DynStatus status = api_perform(d, &info);
  if (status == DYN_CLAIM_FAILED) status = DYN_OK; /* claims are told of when all is there */
  if (cache_trouble(d->ev.kept->cache)) return part_error(d, cache_trouble(d->ev.kept->cache));
  if (status != DYN_OK) return status;
  checkpoints_clear(d->work, d->ev.checkpoints, 0);
  return write_part(d, "finished", &why) ? DYN_OK : part_error(d, why);
}

/* ---- all parts ---- */

typedef struct Part {
  const char *folder, *common, *in;
  int number;
  bool finished;
} Part;

/* The value of the next line, which begins with this word; NULL: it does not. */
static const char *take_line(Arena *a, const char **text, const char *word) {
  size_t n = strlen(word);
  if (strncmp(*text, word, n) != 0 || (*text)[n] != ' ') return NULL;
  const char *value = *text + n + 1;
  size_t len = strcspn(value, "\n");
  *text = value + len + (value[len] == '\n');
  return arena_strndup(a, value, len);
}

static bool read_part(Dyn *d, const char *folder, Part *p) {
  Arena *a = d->arena;
  char *bytes;
  size_t n;
  *p = (Part){.folder = arena_strdup(a, folder)};
  if (!file_read(a, path_join(a, folder, "part"), &bytes, &n, NULL) ||
      strncmp(bytes, FORMAT, strlen(FORMAT)) != 0)
    return refuse(d, E0820,
                  arena_printf(a, "`%s` is no part that this version of dynrun has run", folder)),
           false;
  const char *text = bytes + strlen(FORMAT), *number = take_line(a, &text, "number");
  const char *state = number ? take_line(a, &text, "state") : NULL;
  p->in = state ? take_line(a, &text, "in") : NULL;
  p->common = text;
  p->number = number ? atoi(number) : 0;
  p->finished = state && strcmp(state, "finished") == 0;
  if (p->in && p->finished) return true;
  return refuse(d, E0820,
                arena_printf(a, "the part `%s` is not finished: run it again, and it goes on",
                             folder)),
         false;
}

/* The name in a line that tells of a file; NULL: it tells of something else. */
static const char *file_of(const char *line) {
  const size_t before = strlen("file ") + SHA256_HEX;
  return strncmp(line, "file ", 5) == 0 && strcspn(line, "\n") > before ? line + before : NULL;
}

/* The first line in which two texts differ, of each. */
static const char *difference(Arena *a, const char *x, const char *y) {
  const char *lx = x, *ly = y;
  for (; *x && *x == *y; x++, y++)
    if (*x == '\n') lx = x + 1, ly = y + 1;
  const char *fx = file_of(lx), *fy = file_of(ly);
  if (fx && fy) lx = fx, ly = fy;
  int nx = (int)strcspn(lx, "\n"), ny = (int)strcspn(ly, "\n");
  if (fx && fy && nx == ny && strncmp(fx, fy, (size_t)nx) == 0)
    return arena_printf(a, "the file `%.*s` is not the same in both", nx, fx);
  return arena_printf(a, "`%.*s` and `%.*s`", nx, lx, ny, ly);
}

/* Is each part there once? */
static bool are_all(Dyn *d, const Part *p, size_t n, int of) {
  Arena *a = d->arena;
  const char *missing = "";
  for (int k = 1; k <= of; k++) {
    int times = 0;
    for (size_t i = 0; i < n; i++) times += p[i].number == k;
    if (times > 1)
      return refuse(d, E0820, arena_printf(a, "part %d is given %d times", k, times)), false;
    if (times == 0) missing = arena_printf(a, "%s%s%d", missing, *missing ? ", " : "", k);
  }
  if (!*missing) return true;
  return refuse(d, E0820, arena_printf(a, "of %d parts, these are missing: %s", of, missing)),
         false;
}

static bool agree(Dyn *d, const Part *p, size_t n) {
  for (size_t i = 1; i < n; i++) {
    if (strcmp(p[0].common, p[i].common) == 0) continue;
    return refuse(
               d, E0820,
               arena_printf(d->arena, "`%s` and `%s` are parts of different runs: %s", p[0].folder,
                            p[i].folder, difference(d->arena, p[0].common, p[i].common))),
           false;
  }
  return true;
}

/* A file as the parts have read it: where it is, or NULL if it is not the same any more. */
static const char *same_file(Dyn *d, const Part *p, const char *line) {
  Arena *a = d->arena;
  const char *name = line + SHA256_HEX, *path = name;
  char *bytes, hex[SHA256_HEX];
  size_t n;
  if (strlen(line) <= SHA256_HEX) return NULL;
  if (!file_exists(path)) path = path_join(a, p->in, name);
  if (file_read(a, path, &bytes, &n, NULL)) {
    sha256_hex(bytes, n, hex);
    if (memcmp(hex, line, SHA256_HEX - 1) == 0) return path;
  }
  refuse(d, E0820,
         arena_printf(a, "`%s` is not there, or has changed since the parts were run", name));
  return NULL;
}

/* Takes over what the parts were run with. *model: its file. */
static bool adopt(Dyn *d, const Part *p, const char **model) {
  Arena *a = d->arena;
  const char *text = p->common, *line, *seed = take_line(a, &text, "seed");
  take_line(a, &text, "parts");
  const char *build = take_line(a, &text, "build");
  d->parts_machine = take_line(a, &text, "machine");
  if (!seed || !d->parts_machine || strcmp(build, identity_build(a)) != 0)
    return refuse(d, E0820, "the parts were run by another version of dynrun"), false;
  d->seed = strtoull(seed, NULL, 10);
  map_init(&d->sets, a);
  while ((line = take_line(a, &text, "param"))) {
    size_t n = strcspn(line, "=");
    dyn_set_param(d, arena_strndup(a, line, n), line + n + 1);
  }
  for (*model = NULL; (line = take_line(a, &text, "file"));) {
    const char *path = same_file(d, p, line);
    if (!path) return false;
    if (!*model) *model = path;
  }
  return *model != NULL;
}

static int parts_of(const Part *p) {
  const char *line = strstr(p->common, "\nparts ");
  return line ? atoi(line + 7) : 0;
}

DynStatus dyn_load_parts(Dyn *d, const char *const *folders, size_t n) {
  Part *p = ARENA_ARRAY(d->arena, Part, n + 1);
  const char *model;
  api_unload(d);
  for (size_t i = 0; i < n; i++)
    if (!read_part(d, folders[i], &p[i])) return DYN_USAGE;
  if (n == 0) return refuse(d, E0820, "there are no parts");
  if (!agree(d, p, n) || !are_all(d, p, n, parts_of(&p[0])) || !adopt(d, &p[0], &model))
    return DYN_USAGE;
  DynStatus status = dyn_load_file(d, model);
  d->nparts = (int)n;
  d->parts = ARENA_ARRAY(d->arena, const char *, n);
  for (size_t i = 0; i < n; i++) d->parts[i] = p[i].folder;
  return status;
}

void part_open(Dyn *d) {
  Kept *k = kept_open(d->work, "");
  d->ev.ranks = NULL;
  k->cache = NULL;
  k->machine = d->parts_machine;
  k->parts = ARENA_ARRAY(d->work, Cache *, d->nparts);
  for (int i = 0; i < d->nparts; i++)
    k->parts[k->nparts++] = cache_open(d->work, path_join(d->work, d->parts[i], "cache"));
  d->ev.kept = k;
}
