#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerminal.h"

#include <curses.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

static SCREEN *screen;

// The output of ncurses: a descriptor of its own for the terminal, which during an update leads to memory.
// ncurses calls write once for every move of the cursor; each call would wake the terminal, which on a busy
// machine takes a processor from the model, and over a network each would be a packet of its own.
static struct {
  FILE *file;
  int memory;
  uint8_t *bytes;
  size_t capacity;
} output = {.memory = -1};

static bool output_open(void) {
  const int descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  output.file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  output.memory = memfd_create("screen", MFD_CLOEXEC);
  return output.file != NULL;
}

static void output_close(void) {
  if (output.file) fclose(output.file);
  if (output.memory >= 0) close(output.memory);
  free(output.bytes);
  output.file = NULL;
  output.memory = -1;
  output.bytes = NULL;
  output.capacity = 0;
}

// Moves the bytes that were written to the memory to `bytes`; returns their number.
static size_t output_drain(void) {
  const off_t count = lseek(output.memory, 0, SEEK_CUR);
  if (count <= 0) return 0;
  if ((size_t)count > output.capacity) {
    uint8_t *bytes = realloc(output.bytes, (size_t)count);
    if (!bytes) abort();
    output.bytes = bytes;
    output.capacity = (size_t)count;
  }
  const ssize_t drained = pread(output.memory, output.bytes, (size_t)count, 0);
  lseek(output.memory, 0, SEEK_SET);
  return drained < 0 ? 0 : (size_t)drained;
}

bool ct_locale_start(void) {
  const char *candidates[] = {"", "C.UTF-8", "en_US.UTF-8"};
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    if (!setlocale(LC_CTYPE, candidates[i]) || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) continue;
    // Readline sets the locale once more, to what the environment says.
    if (i > 0) setenv("LC_ALL", candidates[i], 1);
    return true;
  }
  return false;
}

int ct_scalar_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

bool ct_screen_start(const char *terminal) {
  if (output_open()) screen = newterm(terminal, output.file, stdin);
  if (!screen) {
    output_close();
    return false;
  }
  raw();
  noecho();
  nonl();          // Enter is \r, so that Ctrl-J can be told from it
  typeahead(-1);   // an update is never broken off by a key
  leaveok(stdscr, FALSE);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  return true;
}

void ct_screen_stop(void) {
  if (!screen) return;
  endwin();
  delscreen(screen);
  screen = NULL;
  output_close();
}

void ct_screen_pause(void) { endwin(); }

void ct_screen_resume(void) {
  reset_prog_mode();
  clearok(curscr, TRUE);
}

int ct_screen_colors(void) { return has_colors() ? COLORS : 0; }

// Beyond 32767 ncurses has pairs, but some of its own functions still keep them in a short.
int ct_screen_pairs(void) { return !has_colors() ? 0 : COLOR_PAIRS < 32767 ? COLOR_PAIRS : 32767; }

bool ct_screen_has_all_colors(void) {
  const char *bits = tigetstr("RGB");  // a flag, a number or a string, as entries please
  return tigetflag("Tc") > 0 || tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || (bits && bits != (char *)-1);
}

bool ct_screen_is_xterm(void) {
  const char *enter = tigetstr("smcup");
  return enter && enter != (char *)-1 && strstr(enter, "1049");
}

bool ct_screen_define_pair(int pair, int foreground, int background) {
  if (init_extended_pair(pair, foreground, background) == OK) return true;
  // A terminal without default colours is taken to be white on black.
  return init_extended_pair(pair, foreground < 0 ? COLOR_WHITE : foreground,
                            background < 0 ? COLOR_BLACK : background) == OK;
}

void ct_screen_put(int x, int y, const uint32_t *scalars, size_t count, int attributes, int pair) {
  wchar_t text[CCHARW_MAX + 1];
  size_t length = 0;
  while (length < count && length < CCHARW_MAX) {
    text[length] = (wchar_t)scalars[length];
    length++;
  }
  text[length] = 0;
  attr_t curses_attributes = 0;
  if (attributes & CT_BOLD) curses_attributes |= WA_BOLD;
  if (attributes & CT_DIM) curses_attributes |= WA_DIM;
  if (attributes & CT_ITALIC) curses_attributes |= WA_ITALIC;
  if (attributes & CT_UNDERLINE) curses_attributes |= WA_UNDERLINE;
  if (attributes & CT_REVERSE) curses_attributes |= WA_REVERSE;
  cchar_t cell;
  // The pair goes in by pointer: the short parameter and COLOR_PAIR() hold too few.
  if (setcchar(&cell, text, curses_attributes, 0, &pair) == OK) mvadd_wchnstr(y, x, &cell, 1);
}

const uint8_t *ct_screen_update(int cursor_x, int cursor_y, size_t *count) {
  // After a pause ncurses sets modes too, for which it needs the terminal.
  const bool gathers = output.memory >= 0 && !isendwin();
  const int descriptor = fileno(output.file);
  if (gathers) dup2(output.memory, descriptor);
  curs_set(cursor_x >= 0 ? 1 : 0);
  if (cursor_x >= 0) move(cursor_y, cursor_x);
  wnoutrefresh(stdscr);
  doupdate();
  if (gathers) dup2(STDOUT_FILENO, descriptor);
  *count = gathers ? output_drain() : 0;
  return output.bytes;
}

void ct_screen_invalidate(void) { clearok(curscr, TRUE); }

void ct_screen_fit(int *width, int *height) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    resizeterm(size.ws_row, size.ws_col);
  }
  *width = COLS;
  *height = LINES;
}

void ct_screen_beep(void) { beep(); }

size_t ct_screen_restore_bytes(uint8_t *buffer, size_t capacity) {
  const char *names[] = {"sgr0", "op", "cnorm", "rmcup"};
  size_t count = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = tigetstr(names[i]);
    if (!value || value == (char *)-1) continue;
    for (const char *at = value; *at && count < capacity; at++) {
      if (at[0] == '$' && at[1] == '<') {  // padding, which only hardware terminals need
        const char *end = strchr(at, '>');
        if (end) {
          at = end;
          continue;
        }
      }
      buffer[count++] = (uint8_t)*at;
    }
  }
  return count;
}
