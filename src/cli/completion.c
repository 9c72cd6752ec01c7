/* completion.c: scripts that complete command lines, one for each shell, from the tables of
   commands and options. What only a model or the program can tell, the scripts ask `dynrun ...
   --list`. */
#include <ctype.h>
#include <string.h>

#include "cli/usage.h"

/* ---- what the rows say ---- */

static bool takes_list(const Command *c) {
  for (const Option *o = options; o->name; o++)
    if (strcmp(o->name, "list") == 0) return *c->name && options_fit(o, c);
  return false;
}

static bool is_model(const Command *c) {
  return (c->flags & COMMAND_MODEL) != 0;
}

/* The words that "[run|copy] NAME" or "text|json" gives to choose from, with blanks between. */
static void put_choices(FILE *out, const char *form) {
  const char *bar = form ? strchr(form, '|') : NULL;
  if (!bar) return;
  while (bar > form && islower((unsigned char)bar[-1])) bar--;
  for (; islower((unsigned char)*bar) || *bar == '|'; bar++) putc(*bar == '|' ? ' ' : *bar, out);
}

typedef enum Takes { TAKES_NOTHING, TAKES_TEXT, TAKES_CHOICE, TAKES_FOLDER, TAKES_PARAM } Takes;

static Takes takes_of(const Option *o) {
  if (!o->takes) return TAKES_NOTHING;
  if (strcmp(o->takes, "NAME=VALUE") == 0) return TAKES_PARAM;
  if (strcmp(o->takes, "FOLDER") == 0) return TAKES_FOLDER;
  return strchr(o->takes, '|') ? TAKES_CHOICE : TAKES_TEXT;
}

/* Those of the commands that `is`, with `between` between. */
static void put_commands(FILE *out, bool (*is)(const Command *), const char *between) {
  bool first = true;
  for (const Command *c = commands + 1; c->run; c++) {
    if (is && !is(c)) continue;
    fprintf(out, "%s%s", first ? "" : between, c->name);
    first = false;
  }
}

/* The ways to write an option: "-p|--param". */
static void put_option_pattern(FILE *out, const Option *o) {
  if (o->letter) fprintf(out, "-%c|", o->letter);
  fprintf(out, "--%s", o->name);
}

/* Text between single quotes. */
static void put_quoted(FILE *out, const char *text) {
  for (; *text; text++) fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, out);
}

/* ---- bash ---- */

static void put_bash_option(FILE *out, const Option *o) {
  static const char *const give[] = {
      [TAKES_TEXT] = "return",
      [TAKES_FOLDER] = "COMPREPLY=($(compgen -d -- \"$cur\")); return",
      [TAKES_PARAM] =
          "COMPREPLY=($(compgen -S = -W \"$(dynrun params --list \"$model\" 2> "
          "/dev/null)\" -- \"$cur\")); compopt -o nospace; return",
  };
  Takes takes = takes_of(o);
  if (takes == TAKES_NOTHING) return;
  fputs("    ", out);
  put_option_pattern(out, o);
  if (takes == TAKES_CHOICE) {
    fputs(") COMPREPLY=($(compgen -W \"", out);
    put_choices(out, o->takes);
    fputs("\" -- \"$cur\")); return ;;\n", out);
  } else {
    fprintf(out, ") %s ;;\n", give[takes]);
  }
}

static void put_bash_words(FILE *out) {
  fputs("  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W \"", out);
  for (const Option *o = options; o->name; o++) fprintf(out, "--%s ", o->name);
  fputs("\" -- \"$cur\"))\n    return\n  fi\n  case $command in\n    ", out);
  for (const Command *c = commands + 1; c->run; c++) {
    if (is_model(c)) continue;
    fprintf(out, "%s) words=\"", c->name);
    put_choices(out, c->operands);
    if (takes_list(c)) fprintf(out, " $(dynrun %s --list)", c->name);
    fputs("\" ;;\n    ", out);
  }
  fputs("\"\") words=\"", out);
  put_commands(out, NULL, " ");
  fputs("\"; files=1 ;;\n    *) files=1 ;;\n  esac\n", out);
}

static void put_bash(FILE *out) {
  fputs(
      "# Completion of dynrun for bash.\n"
      "_dynrun() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local command= model= words= files= word\n"
      "  [[ $cur == = ]] && cur=\n"
      "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in\n"
      "      *.dyn) model=${model:-$word} ;;\n      ",
      out);
  put_commands(out, NULL, "|");
  fputs(") command=${command:-$word} ;;\n    esac\n  done\n  COMPREPLY=()\n  case $prev in\n", out);
  for (const Option *o = options; o->name; o++) put_bash_option(out, o);
  fputs("  esac\n", out);
  put_bash_words(out);
  fputs(
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  [[ $files ]] || return\n"
      "  compopt -o filenames\n"
      "  COMPREPLY+=($(compgen -f -X '!*.dyn' -- \"$cur\") $(compgen -d -- \"$cur\"))\n"
      "}\n"
      "complete -F _dynrun dynrun\n",
      out);
}

/* ---- zsh ---- */

static void put_zsh_tables(FILE *out) {
  fputs("local -a commands options names\ncommands=(\n", out);
  for (const Command *c = commands + 1; c->run; c++) {
    fprintf(out, "  '%s:", c->name);
    put_quoted(out, c->doc);
    fputs("'\n", out);
  }
  fputs(")\noptions=(\n", out);
  for (const Option *o = options; o->name; o++) {
    fprintf(out, "  '--%s:", o->name);
    put_quoted(out, o->doc);
    fputs("'\n", out);
  }
  fputs(")\n", out);
}

static void put_zsh_option(FILE *out, const Option *o) {
  static const char *const give[] = {
      [TAKES_TEXT] = "return",
      [TAKES_FOLDER] = "_files -/; return",
      [TAKES_PARAM] =
          "names=(${(f)\"$(dynrun params --list $model 2> /dev/null)\"}); compadd -S = "
          "-- $names; return",
  };
  Takes takes = takes_of(o);
  if (takes == TAKES_NOTHING) return;
  fputs("  (", out);
  put_option_pattern(out, o);
  if (takes == TAKES_CHOICE) {
    fputs(") compadd -- ", out);
    put_choices(out, o->takes);
    fputs("; return ;;\n", out);
  } else {
    fprintf(out, ") %s ;;\n", give[takes]);
  }
}

static void put_zsh(FILE *out) {
  fputs("#compdef dynrun\n# Completion of dynrun for zsh.\n", out);
  put_zsh_tables(out);
  fputs(
      "local command model word\n"
      "for word in ${words[2,CURRENT-1]}; do\n"
      "  case $word in\n"
      "    (*.dyn) model=${model:-$word} ;;\n    (",
      out);
  put_commands(out, NULL, "|");
  fputs(") command=${command:-$word} ;;\n  esac\ndone\ncase ${words[CURRENT-1]} in\n", out);
  for (const Option *o = options; o->name; o++) put_zsh_option(out, o);
  fputs(
      "esac\n"
      "if [[ ${words[CURRENT]} == -* ]]; then _describe option options; return; fi\n"
      "case $command in\n",
      out);
  for (const Command *c = commands + 1; c->run; c++) {
    if (is_model(c)) continue;
    fprintf(out, "  (%s) names=(", c->name);
    put_choices(out, c->operands);
    if (takes_list(c)) fprintf(out, " ${(f)\"$(dynrun %s --list)\"}", c->name);
    fputs("); compadd -- $names ;;\n", out);
  }
  fputs(
      "  ('') _describe command commands; _files -g '*.dyn' ;;\n"
      "  (*) _files -g '*.dyn' ;;\n"
      "esac\n",
      out);
}

/* ---- fish ---- */

static void put_fish_option(FILE *out, const Option *o) {
  fputs("complete -c dynrun", out);
  if (o->only) fprintf(out, " -n '__fish_seen_subcommand_from %s'", o->only);
  if (o->letter) fprintf(out, " -s %c", o->letter);
  fprintf(out, " -l %s", o->name);
  switch (takes_of(o)) {
    case TAKES_NOTHING: break;
    case TAKES_TEXT: fputs(" -x", out); break;
    case TAKES_CHOICE:
      fputs(" -x -a '", out);
      put_choices(out, o->takes);
      putc('\'', out);
      break;
    case TAKES_FOLDER: fputs(" -x -a '(__fish_complete_directories)'", out); break;
    case TAKES_PARAM: fputs(" -x -a '(__dynrun_params)'", out);
  }
  fputs(" -d '", out);
  put_quoted(out, o->doc);
  fputs("'\n", out);
}

static void put_fish_command(FILE *out, const Command *c) {
  fprintf(out, "complete -c dynrun -n __fish_use_subcommand -a %s -d '", c->name);
  put_quoted(out, c->doc);
  fputs("'\n", out);
  if (is_model(c)) return;
  fprintf(out, "complete -c dynrun -n '__fish_seen_subcommand_from %s' -a '", c->name);
  put_choices(out, c->operands);
  if (takes_list(c)) fprintf(out, " (dynrun %s --list)", c->name);
  fputs("'\n", out);
}

static void put_fish(FILE *out) {
  fputs(
      "# Completion of dynrun for fish.\n"
      "function __dynrun_params\n"
      "  set -l model (commandline -opc | string match '*.dyn')\n"
      "  test -n \"$model\"; and dynrun params --list $model[1] 2> /dev/null | string replace -r "
      "'$' "
      "'='\n"
      "end\n"
      "complete -c dynrun -f\n"
      "complete -c dynrun -n '__fish_use_subcommand; or __fish_seen_subcommand_from ",
      out);
  put_commands(out, is_model, " ");
  fputs("' -a '(__fish_complete_suffix .dyn)'\n", out);
  for (const Command *c = commands + 1; c->run; c++) put_fish_command(out, c);
  for (const Option *o = options; o->name; o++) put_fish_option(out, o);
}

static const struct {
  const char *name;
  void (*put)(FILE *out);
} shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
enum { SHELLS = sizeof shells / sizeof *shells };

bool usage_show_completion(FILE *out, const char *shell) {
  for (int i = 0; i < SHELLS; i++) {
    if (strcmp(shells[i].name, shell) != 0) continue;
    shells[i].put(out);
    return true;
  }
  return false;
}
