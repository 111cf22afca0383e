#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

// -- Bytes for readline ------------------------------------------------------------------------------------

static const uint8_t *queue;
static size_t queue_count;
static char *accepted;
static ct_editor_result result;

static int next_byte(FILE *stream) {
  (void)stream;
  if (queue_count == 0) return EOF;
  queue_count--;
  return *queue++;
}

// Readline asks this to tell a lone Esc from the beginning of a sequence.
static int has_byte(void) { return queue_count > 0; }

static void redisplay_nothing(void) {}

static char *no_completion(const char *text, int state) {
  (void)text, (void)state;
  return NULL;
}

static void on_line(char *line) {
  free(accepted);
  accepted = line;
  result = line ? CT_LINE : CT_END_OF_INPUT;
}

// -- Key bindings ------------------------------------------------------------------------------------------

#define HISTORY_COMMAND(name, value) \
  static int name(int count, int key) { \
    (void)count, (void)key; \
    result = value; \
    return 0; \
  }
HISTORY_COMMAND(older, CT_HISTORY_OLDER)
HISTORY_COMMAND(newer, CT_HISTORY_NEWER)
HISTORY_COMMAND(oldest, CT_HISTORY_OLDEST)
HISTORY_COMMAND(newest, CT_HISTORY_NEWEST)
HISTORY_COMMAND(prefix_older, CT_HISTORY_PREFIX_OLDER)
HISTORY_COMMAND(prefix_newer, CT_HISTORY_PREFIX_NEWER)
HISTORY_COMMAND(search_older, CT_SEARCH_OLDER)
HISTORY_COMMAND(search_newer, CT_SEARCH_NEWER)
#undef HISTORY_COMMAND

// A message may have several lines; readline's own commands know one. At the end of a line the commands go on
// to that of the text, and the killing ones take the line break, so that a second key always does something.

static bool is_vi_command(void) { return rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap; }

static int start_of_line(void) {
  int place = rl_point;
  while (place > 0 && rl_line_buffer[place - 1] != '\n') place--;
  return place;
}

static int end_of_line(void) {
  int place = rl_point;
  while (place < rl_end && rl_line_buffer[place] != '\n') place++;
  return place;
}

static int to_start_of_line(int count, int key) {
  (void)count, (void)key;
  int place = start_of_line();
  rl_point = place == rl_point && !is_vi_command() ? 0 : place;
  return 0;
}

static int to_end_of_line(int count, int key) {
  (void)count, (void)key;
  int place = end_of_line();
  rl_point = place == rl_point && !is_vi_command() ? rl_end : place;
  return 0;
}

static int kill_to_start_of_line(int count, int key) {
  (void)count, (void)key;
  int place = start_of_line();
  if (place == rl_point && place > 0) place--;
  rl_kill_text(rl_point, place);
  rl_point = place;
  return 0;
}

static int kill_to_end_of_line(int count, int key) {
  if (count < 0) return kill_to_start_of_line(-count, key);
  int place = end_of_line();
  if (place == rl_point && place < rl_end) place++;
  rl_kill_text(rl_point, place);
  return 0;
}

static int read_init_file_again(int count, int key);

// Readline's commands and ours; NULL unbinds.
static const struct {
  rl_command_func_t *theirs, *ours;
} replacements[] = {
    {rl_get_previous_history, older},
    {rl_get_next_history, newer},
    {rl_beginning_of_history, oldest},
    {rl_end_of_history, newest},
    {rl_history_search_backward, prefix_older},
    {rl_history_search_forward, prefix_newer},
    {rl_history_substr_search_backward, prefix_older},
    {rl_history_substr_search_forward, prefix_newer},
    {rl_reverse_search_history, search_older},
    {rl_forward_search_history, search_newer},
    {rl_noninc_reverse_search, search_older},
    {rl_noninc_forward_search, search_newer},
    {rl_vi_search, search_older},
    {rl_vi_search_again, NULL},
    {rl_vi_fetch_history, NULL},
    {rl_yank_last_arg, NULL},
    {rl_yank_nth_arg, NULL},
    {rl_vi_yank_arg, NULL},
    {rl_operate_and_get_next, NULL},
    {rl_beg_of_line, to_start_of_line},
    {rl_end_of_line, to_end_of_line},
    {rl_kill_line, kill_to_end_of_line},
    {rl_backward_kill_line, kill_to_start_of_line},
    {rl_unix_line_discard, kill_to_start_of_line},
    {rl_re_read_init_file, read_init_file_again},
    // A recorded macro that ends within a command would have it read NULs.
    {rl_start_kbd_macro, NULL},
    {rl_end_kbd_macro, NULL},
    {rl_call_last_kbd_macro, NULL},
};

static void replace_commands(Keymap map) {
  for (int key = 0; key < KEYMAP_SIZE - 1; key++) {
    if (map[key].type == ISKMAP && map[key].function) replace_commands((Keymap)map[key].function);
    if (map[key].type != ISFUNC) continue;
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) {
      if (map[key].function == replacements[i].theirs) map[key].function = replacements[i].ours;
    }
  }
}

// Keys that readline learns from terminfo only. It gets xterm's sequences whatever the terminal sends, so it
// must know them on every terminal.
static const struct {
  const char *sequence;
  rl_command_func_t *function;
} xterm_keys[] = {
    {"\\e[3~", rl_delete},         {"\\e[2~", rl_overwrite_mode},  {"\\e[H", rl_beg_of_line},
    {"\\e[F", rl_end_of_line},     {"\\e[1;5C", rl_forward_word},  {"\\e[1;5D", rl_backward_word},
    {"\\e[1;3C", rl_forward_word}, {"\\e[1;3D", rl_backward_word}, {"\\e[3;5~", rl_kill_word},
    {"\\C-h", rl_rubout},
};

// Bindings of our own, which the inputrc cannot change.
static void adapt_bindings(void) {
  rl_variable_bind("bell-style", "none");
  rl_variable_bind("enable-bracketed-paste", "off");
  Keymap maps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};
  for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
    for (size_t k = 0; k < sizeof xterm_keys / sizeof *xterm_keys; k++) {
      rl_bind_keyseq_if_unbound_in_map(xterm_keys[k].sequence, xterm_keys[k].function, maps[m]);
    }
    replace_commands(maps[m]);
  }
}

static int read_init_file_again(int count, int key) {
  int failed = rl_re_read_init_file(count, key);
  adapt_bindings();
  return failed;
}

// -- Editing -----------------------------------------------------------------------------------------------

void ct_editor_start(const char *application) {
  static bool is_started;
  static bool is_emacs;
  if (!is_started) {
    is_started = true;
    rl_readline_name = strdup(application);
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = next_byte;
    rl_input_available_hook = has_byte;
    rl_redisplay_function = redisplay_nothing;
    rl_completion_entry_function = no_completion;
    rl_outstream = fopen("/dev/null", "w");
    rl_callback_handler_install("", on_line);
    adapt_bindings();
    is_emacs = rl_editing_mode == 1;
  }
  if (is_emacs) {
    rl_emacs_editing_mode(1, 0);
  } else {
    rl_vi_editing_mode(1, 0);
  }
  ct_editor_replace(0, (size_t)rl_end, "");
}

ct_editor_result ct_editor_feed(const uint8_t *bytes, size_t count) {
  if (count == 0) return CT_EDITING;
  // Enter after a numeric argument would only be noticed with the next key.
  if (RL_ISSTATE(RL_STATE_NUMERICARG) && (bytes[0] == '\r' || bytes[0] == '\n')) rl_callback_sigcleanup();
  result = CT_EDITING;
  queue = bytes;
  queue_count = count;
  while (queue_count > 0) {
    size_t before = queue_count;
    rl_callback_read_char();
    if (queue_count == before) queue_count = 0;
  }
  // Some commands, broken off, leave a NUL in the line (vi's redo) or the cursor beyond it; others then never
  // return.
  for (int i = 0; i < rl_end; i++) {
    if (rl_line_buffer[i] == 0) rl_line_buffer[i] = ' ';
  }
  if (rl_point > rl_end) rl_point = rl_end;
  return result;
}

bool ct_editor_is_bound(const uint8_t *bytes, size_t count) {
  int type;
  rl_command_func_t *function =
      rl_function_of_keyseq_len((const char *)bytes, count, rl_get_keymap(), &type);
  return function && function != rl_do_lowercase_version;
}

char *ct_editor_accepted_line(void) {
  char *line = accepted;
  accepted = NULL;
  return line;
}

// -- The line ----------------------------------------------------------------------------------------------

const char *ct_editor_text(void) { return rl_line_buffer; }

size_t ct_editor_cursor(void) { return (size_t)rl_point; }

void ct_editor_set_cursor(size_t offset) {
  rl_point = offset < (size_t)rl_end ? (int)offset : rl_end;
}

void ct_editor_replace(size_t from, size_t to, const char *text) {
  rl_callback_sigcleanup();
  rl_clear_message();
  if (to > (size_t)rl_end) to = (size_t)rl_end;
  if (from > to) from = to;
  rl_begin_undo_group();
  rl_delete_text((int)from, (int)to);
  rl_point = (int)from;
  rl_insert_text(text);
  rl_end_undo_group();
}

// -- What readline is doing --------------------------------------------------------------------------------

const char *ct_editor_prompt(void) { return rl_display_prompt ? rl_display_prompt : ""; }

ct_editor_mode ct_editor_current_mode(void) {
  if (rl_editing_mode == 1) return CT_EMACS;
  return rl_get_keymap() == vi_movement_keymap ? CT_VI_COMMAND : CT_VI_INSERT;
}

bool ct_editor_is_amid_command(void) {
  return RL_ISSTATE(RL_STATE_NUMERICARG | RL_STATE_METANEXT | RL_STATE_MULTIKEY |
                    RL_STATE_VIMOTION | RL_STATE_CHARSEARCH | RL_STATE_MOREINPUT) != 0;
}
