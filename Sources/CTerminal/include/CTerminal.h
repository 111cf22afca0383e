// The parts of ncursesw, readline and POSIX signals that Swift needs.
//
// Swift sees none of the libraries' own headers: they are full of macros, variadic functions and global
// variables that Swift 6 cannot import, and readline leaves its callbacks by longjmp, which must not cross
// Swift frames. All of this, except ct_crash_*, belongs to one thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// -- Locale ------------------------------------------------------------------------------------------------

/// Makes the character type UTF-8: the environment's locale if it is UTF-8, else C.UTF-8, in the
/// environment too. False if there is neither.
bool ct_locale_start(void);

/// The C library's width of a scalar, which ncurses goes by: 0, 1, 2, or -1 where it knows none.
int ct_scalar_width(uint32_t scalar);

// -- Screen: ncurses ---------------------------------------------------------------------------------------

enum {
  CT_BOLD = 1,
  CT_DIM = 2,
  CT_ITALIC = 4,
  CT_UNDERLINE = 8,
  CT_REVERSE = 16,
};

/// Takes over the terminal on stdin and stdout. False if terminfo does not know `terminal`.
bool ct_screen_start(const char *terminal);
/// Ends ncurses' use of the terminal for good.
void ct_screen_stop(void);
/// Ends it for a while; the next `ct_screen_update` after `ct_screen_resume` repaints it all.
void ct_screen_pause(void);
void ct_screen_resume(void);

/// The number of colours and of colour pairs; 0 on a monochrome terminal.
int ct_screen_colors(void);
int ct_screen_pairs(void);
/// Whether terminfo says that the terminal shows all colours (RGB, or tmux's and kitty's Tc).
bool ct_screen_has_all_colors(void);
/// Whether the terminal understands xterm's private modes and OSC strings (its alternate screen is xterm's).
bool ct_screen_is_xterm(void);
/// Defines a pair; -1 is the terminal's own colour.
bool ct_screen_define_pair(int pair, int foreground, int background);

/// Puts one spacing scalar and its marks at a cell. `attributes` is a sum of CT_BOLD and so on.
void ct_screen_put(int x, int y, const uint32_t *scalars, size_t count, int attributes, int pair);
/// Brings the screen up to date, with the cursor there, or hidden if x is negative.
///
/// Returns the `count` bytes that the terminal must be sent for it; they are valid until the next update.
const uint8_t *ct_screen_update(int cursor_x, int cursor_y, size_t *count);
/// Makes the next update repaint all cells.
void ct_screen_invalidate(void);
/// Reads the terminal's size and makes the screen that large.
void ct_screen_fit(int *width, int *height);
void ct_screen_beep(void);

/// Copies the bytes that undo what ncurses did to the terminal (leave the alternate screen, show the cursor,
/// plain text) to `buffer`; returns how many.
size_t ct_screen_restore_bytes(uint8_t *buffer, size_t capacity);

// -- Signals -----------------------------------------------------------------------------------------------

/// From now on SIGWINCH, SIGCONT, SIGTSTP and every signal that ends programs from outside each write their
/// number as a byte to `descriptor`, which must not block. A second one that ends programs, while the first is
/// unheeded, does end this one. Signals that were ignored still are.
void ct_signals_catch(int descriptor);
/// Tells the handlers that a signal that ends programs has been heeded, so the next is a first again.
void ct_signals_heeded(void);
/// Puts back the handlers of before.
void ct_signals_release(void);
/// Stops this process and its group, as Ctrl-Z does, and returns when it continues.
void ct_signals_stop_self(void);

/// Runs a shell command with `argument` as its "$1" on the terminal, which must be given back before, and waits
/// for its end. Returns its exit status, 128 and the signal's number where one ended it, -1 if it could not be
/// started. Ctrl-C is the command's; Ctrl-Z stops both.
int ct_run_on_terminal(const char *command, const char *argument);

// -- Crashes -----------------------------------------------------------------------------------------------

/// Remembers the modes of the terminal on stdin, which `ct_modes_restore` and a crash go back to.
void ct_modes_remember(void);
void ct_modes_restore(void);

/// From now on a crash (SEGV FPE ILL BUS ABRT TRAP SYS) restores the terminal, says in a line on stderr that
/// the program `name` crashed, adds a report to the file at `path`, and goes on to the handlers of before if
/// `goes_on`, else ends the program by the signal.
void ct_crash_catch(const char *name, const char *path, bool goes_on);
/// Has an overflow of this thread's stack reported too; done already for the thread of `ct_crash_catch`.
void ct_crash_cover_thread(void);
/// Whether the signal is one of those.
bool ct_crash_is_crash(int number);
/// Sets what the report says that the program is doing: lines, each with its end. One thread calls this.
void ct_crash_describe(const char *text);

/// From now on a crash restores the terminal: by `restore` to stdout, and by its modes. The line about it goes
/// to `descriptor`.
void ct_crash_arm(const uint8_t *restore, size_t count, int descriptor);
/// The terminal is given back, and stderr is stderr.
void ct_crash_disarm(void);
/// Restores the terminal if it is armed. Async-signal-safe.
void ct_crash_restore(void);

// -- Descriptors -------------------------------------------------------------------------------------------

/// A descriptor that becomes readable by `ct_wake`, however often, until `ct_wake_clear`; -1 on failure.
int ct_wake_open(void);
void ct_wake(int descriptor);
void ct_wake_clear(int descriptor);

// -- Line editor: readline ---------------------------------------------------------------------------------

// Readline edits the line; its history stays empty, for in its callback interface (8.2) history entries and
// the line share undo lists that are freed twice. Keys that are bound to a command of the history, by default
// or by the user's inputrc, are reported instead.

typedef enum {
  CT_EDITING,
  CT_LINE,
  CT_END_OF_INPUT,
  CT_HISTORY_OLDER,
  CT_HISTORY_NEWER,
  CT_HISTORY_OLDEST,
  CT_HISTORY_NEWEST,
  /// To the next entry that begins with what is before the cursor.
  CT_HISTORY_PREFIX_OLDER,
  CT_HISTORY_PREFIX_NEWER,
  CT_SEARCH_OLDER,
  CT_SEARCH_NEWER,
} ct_editor_result;

typedef enum { CT_EMACS, CT_VI_INSERT, CT_VI_COMMAND } ct_editor_mode;

/// Starts readline without any output of its own, for `application`'s section of the user's inputrc.
/// Starting again empties the line.
void ct_editor_start(const char *application);
/// Passes the bytes of one key to readline. After CT_LINE, `ct_editor_accepted_line` returns the line.
ct_editor_result ct_editor_feed(const uint8_t *bytes, size_t count);
/// Whether a key's bytes, or a sequence that they begin, are bound to a command.
bool ct_editor_is_bound(const uint8_t *bytes, size_t count);
/// The accepted line, to be freed by the caller; NULL if there is none.
char *ct_editor_accepted_line(void);

/// The line being edited, in UTF-8 as long as its locale is; valid until the next call.
const char *ct_editor_text(void);
/// The cursor in `ct_editor_text`, as an offset in bytes.
size_t ct_editor_cursor(void);
void ct_editor_set_cursor(size_t offset);
/// Replaces the bytes from..<to as one step of undo, and puts the cursor after `text`. A command that waits
/// for more keys is dropped.
void ct_editor_replace(size_t from, size_t to, const char *text);

/// Readline's own text before the line: a numeric argument, else empty.
const char *ct_editor_prompt(void);
ct_editor_mode ct_editor_current_mode(void);
/// Whether the next key belongs to a command that has begun: an argument, a motion, a key sequence.
bool ct_editor_is_amid_command(void);
