/* options.c: reads the command line. Options may stand before or after the file, and their value in
   the same word or the next: -p g=2, -pg=2, --seed 7, --seed=7. */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/usage.h"

static bool set_param(Options *o, const char *value) {
  const char *equals = strchr(value, '=');
  if (!equals || equals == value || o->nparams == OPTIONS_MAX_PARAMS) return false;
  o->params[o->nparams++] = value;
  return true;
}

static bool read_whole(const char *text, unsigned long long most, unsigned long long *out) {
  char *end;
  if (text[0] < '0' || text[0] > '9') return false;
  errno = 0;
  *out = strtoull(text, &end, 10);
  return !*end && errno == 0 && *out <= most;
}

static bool set_seed(Options *o, const char *value) {
  unsigned long long seed;
  if (!read_whole(value, UINT64_MAX, &seed)) return false;
  o->seed = seed;
  return true;
}

static bool set_workers(Options *o, const char *value) {
  enum { MOST = 4096 };
  unsigned long long n;
  if (!read_whole(value, MOST, &n) || n == 0) return false;
  o->workers = (int)n;
  return true;
}

bool options_bytes(const char *text, double *bytes) {
  static const char *const units[] = {"kB", "MB", "GB", "TB"};
  char *unit;
  if (text[0] < '0' || text[0] > '9') return false;
  *bytes = strtod(text, &unit);
  unit += strspn(unit, " ");
  for (int i = 0; i < 4; i++) {
    *bytes *= 1000;
    if (strcmp(unit, units[i]) == 0) return true;
  }
  return false;
}

static bool set_memory(Options *o, const char *value) {
  return options_bytes(value, &o->memory) && o->memory > 0;
}

/* "3/16" */
static bool set_part(Options *o, const char *value) {
  enum { MOST = OPTIONS_MAX_OPERANDS };
  unsigned long long number, of;
  char first[8];
  size_t n = strcspn(value, "/");
  if (!value[n] || n >= sizeof first) return false;
  snprintf(first, sizeof first, "%.*s", (int)n, value);
  if (!read_whole(first, MOST, &number) || !read_whole(value + n + 1, MOST, &of)) return false;
  o->part_number = (int)number;
  o->part_of = (int)of;
  return number >= 1 && number <= of;
}

static bool set_output(Options *o, const char *value) {
  o->output = value;
  return *value != '\0';
}

static bool set_quiet(Options *o, const char *value) {
  (void)value;
  return o->quiet = true;
}

static bool set_fail_fast(Options *o, const char *value) {
  (void)value;
  return o->fail_fast = true;
}

static bool set_write(Options *o, const char *value) {
  (void)value;
  return o->write = true;
}

static bool set_list(Options *o, const char *value) {
  (void)value;
  return o->list = true;
}

static bool set_converge(Options *o, const char *value) {
  (void)value;
  return o->converge = true;
}

static bool set_fresh(Options *o, const char *value) {
  (void)value;
  return o->fresh = true;
}

static bool set_portable(Options *o, const char *value) {
  (void)value;
  return o->portable = true;
}

static bool set_json_output(Options *o, const char *value) {
  (void)value;
  return o->json_output = true;
}

static bool set_template(Options *o, const char *value) {
  o->template = value;
  return *value != '\0';
}

static bool set_format(Options *o, const char *value) {
  static const char *const words[] = {"text", "markdown", "latex"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(value, words[i]) != 0) continue;
    o->format = (DynFormat)i;
    return true;
  }
  return false;
}

static bool set_diagnostics(Options *o, const char *value) {
  o->json = strcmp(value, "json") == 0;
  return o->json || strcmp(value, "text") == 0;
}

static bool set_color(Options *o, const char *value) {
  static const char *const words[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(value, words[i]) != 0) continue;
    o->color = i;
    return true;
  }
  return false;
}

const Option options[] = {
    {'p', "param", "NAME=VALUE", "set a parameter, as -p g=2 or -p \"tau=5 ms\"", NULL, set_param},
    {0, "seed", "N", "seed of all random draws (0)", NULL, set_seed},
    {'o', "output", "FOLDER", "where results go (model.run beside model.dyn)", NULL, set_output},
    {'j', "jobs", "N", "processes of a sweep (one for each core)", NULL, set_workers},
    {0, "fail-fast", NULL, "end a sweep at its first point that fails", NULL, set_fail_fast},
    {0, "memory", "SIZE", "of a record, as 2GB; larger ones are streamed (half of what is free)",
     NULL, set_memory},
    {0, "part", "K/N", "compute part K of N of each sweep, for `dynrun merge`", NULL, set_part},
    {0, "fresh", NULL, "compute everything anew, whatever the cache holds", NULL, set_fresh},
    {0, "portable", NULL, "the same bits on every x86-64 machine with AVX2 (x86-64-v3)", NULL,
     set_portable},
    {'q', "quiet", NULL, "show nothing but what the model prints, and what is wrong", NULL,
     set_quiet},
    {'w', "write", NULL, "write the file instead of showing it", "fmt", set_write},
    {0, "converge", NULL, "run it, repeat each run more finely, and list what changes", "check",
     set_converge},
    {0, "template", "NAME", "what a new model starts from (rate)", "new", set_template},
    {0, "list", NULL, "show only the names that it knows, one on each line",
     "params explain help new examples reference", set_list},
    {0, "json", NULL, "show the comparison as JSON", "verify diff", set_json_output},
    {0, "format", "text|markdown|latex", "how it is written (text)", "show doc", set_format},
    {0, "diagnostics", "text|json", "how errors are shown (text)", NULL, set_diagnostics},
    {0, "color", "auto|always|never", "colours (auto: on a terminal, unless NO_COLOR is set)", NULL,
     set_color},
    {'h', "help", NULL, "show this", NULL, NULL},
    {'V', "version", NULL, "show the version", NULL, NULL},
    {0},
};

/* Is `word` one of `words`, which have blanks between them? The name of no command is none. */
static bool has_word(const char *words, const char *word) {
  size_t n = strlen(word);
  for (const char *p = words; n > 0 && (p = strstr(p, word)); p += n)
    if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0')) return true;
  return false;
}

bool options_fit(const Option *option, const Command *command) {
  return !option->only || has_word(option->only, command->name);
}

static int usage_error(const char *what, const char *which, const char *hint) {
  fprintf(stderr, "dynrun: %s `%s`%s\nTry `dynrun --help`.\n", what, which, hint);
  return DYN_USAGE;
}

/* Is `word` one letter away from `name`: one changed, missing, added, or two swapped? */
static bool is_near(const char *word, const char *name) {
  size_t n = strlen(word), m = strlen(name), head = 0, tail = 0;
  while (word[head] && word[head] == name[head]) head++;
  while (tail < n - head && tail < m - head && word[n - 1 - tail] == name[m - 1 - tail]) tail++;
  size_t left = n - head - tail, right = m - head - tail;
  bool swapped =
      left == 2 && right == 2 && word[head] == name[head + 1] && word[head + 1] == name[head];
  return m > 1 && ((left <= 1 && right <= 1) || swapped);
}

static int unknown_option(const char *word) {
  char name[64], hint[128] = "";
  snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
  for (const Option *o = options; o->name; o++)
    if (word[1] == '-' && is_near(name + 2, o->name))
      snprintf(hint, sizeof hint, "; did you mean `--%s`?", o->name);
  return usage_error("unknown option", name, hint);
}

/* The option that `word` is, with the value that stands in the same word, if there is one. */
static const Option *find_option(const char *word, const char **value) {
  *value = NULL;
  for (const Option *o = options; o->name; o++) {
    size_t n = strlen(o->name);
    if (word[1] == '-' && strncmp(word + 2, o->name, n) == 0 &&
        (!word[2 + n] || word[2 + n] == '=')) {
      if (word[2 + n]) *value = word + 3 + n;
      return o;
    }
    if (o->letter && word[1] == o->letter && (!word[2] || o->takes)) {
      if (word[2]) *value = word + 2 + (word[2] == '=');
      return o;
    }
  }
  return NULL;
}

static int show_and_end(const Option *option) {
  if (option->letter == 'h')
    usage_show(stdout);
  else
    printf("dynrun %s\n", dyn_version());
  return DYN_OK;
}

/* Reads the option at argv[*i], moving on over its value. */
static int read_option(Options *o, int *i, int argc, char **argv) {
  const char *value, *word = argv[*i];
  const Option *option = find_option(word, &value);
  if (!option) return unknown_option(word);
  if (!option->set) return show_and_end(option);
  if (option->takes && !value) {
    if (*i + 1 == argc) return usage_error("a value must follow", word, "");
    value = argv[++*i];
  }
  if (!option->takes && value) return usage_error("no value is taken by", word, "");
  o->given |= UINT64_C(1) << (option - options);
  if (option->set(o, value)) return -1;
  char hint[192];
  snprintf(hint, sizeof hint, "; it takes %s: %s", option->takes, option->doc);
  char shown[256];
  snprintf(shown, sizeof shown, "--%s %s", option->name, value);
  return usage_error("bad value in", shown, hint);
}

const Command *options_find_command(const char *word) {
  for (const Command *c = commands + 1; c->run; c++)
    if (strcmp(c->name, word) == 0) return c;
  return NULL;
}

/* The error of a word that may be meant as a command; -1: it is near none. */
static int near_command(const char *word) {
  for (const Command *c = commands + 1; c->run; c++) {
    char hint[128];
    snprintf(hint, sizeof hint, "; did you mean `%s`?", c->name);
    if (is_near(word, c->name)) return usage_error("unknown command", word, hint);
  }
  return -1;
}

/* A word too many. A model is one file: of two words the first was meant as a command, unless it
   looks like a path. */
static int one_too_many(const Options *o, const char *word) {
  if (o->command != commands) return usage_error("too many operands: there is also", word, "");
  if (strpbrk(o->operand[0], "./"))
    return usage_error("one operand is enough; there is also", word, "");
  int status = near_command(o->operand[0]);
  return status >= 0 ? status : usage_error("unknown command", o->operand[0], "");
}

/* A word that is no option: a subcommand, if nothing came before it, else an operand. */
static int read_word(Options *o, const char *word) {
  bool first = o->command == commands && o->noperands == 0;
  const Command *command = first ? options_find_command(word) : NULL;
  if (command)
    o->command = command;
  else if (o->noperands == o->command->max)
    return one_too_many(o, word);
  else
    o->operand[o->noperands++] = word;
  return -1;
}

/* Was a subcommand misspelt, or forgotten before a file? */
static int check_operands(const Options *o) {
  int needed = o->list && o->command->flags == 0 ? 0 : o->command->min;
  if (o->noperands < needed) {
    if (o->command != commands)
      return usage_error("an operand is missing after", o->command->name, "");
    usage_show(stderr);
    return DYN_USAGE;
  }
  if (o->command != commands || strpbrk(o->operand[0], "./")) return -1;
  return near_command(o->operand[0]);
}

/* Options of another command are a mistake, not something to pass over. */
static int check_fit(const Options *o) {
  for (const Option *option = options; option->name; option++) {
    bool given = o->given >> (option - options) & 1;
    if (!given || options_fit(option, o->command)) continue;
    char shown[64], hint[128];
    snprintf(shown, sizeof shown, "--%s", option->name);
    snprintf(hint, sizeof hint, ": it is an option of %s", option->only);
    return usage_error("this command does not take", shown, hint);
  }
  return -1;
}

int options_read(Options *o, int argc, char **argv) {
  bool words_only = false; /* after -- */
  *o = (Options){.words = argv, .nwords = argc, .command = commands};
  for (int i = 1; i < argc; i++) {
    int status = -1;
    if (!words_only && strcmp(argv[i], "--") == 0)
      words_only = true;
    else if (!words_only && argv[i][0] == '-' && argv[i][1])
      status = read_option(o, &i, argc, argv);
    else
      status = read_word(o, argv[i]);
    if (status >= 0) return status;
  }
  int status = check_operands(o);
  return status >= 0 ? status : check_fit(o);
}
