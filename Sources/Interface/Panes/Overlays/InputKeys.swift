/// Keys of the input line, for the help. Readline carries them out, by its own table and the user's inputrc.
enum InputKeys {
  static let rows: [(keys: String, does: String)] = [
    ("Enter", "send the message, or run the command"),
    ("Alt-Enter ^J", "a new line in the message"),
    ("↑ ↓", "lines of the message, then earlier messages"),
    ("^R", "search the earlier messages"),
    ("/", "begin a command; Tab completes it"),
    ("Home End", "the beginning, the end (also ^A ^E)"),
    ("^K ^U ^W", "cut to the end, to the beginning, the word before"),
    ("^Y", "put back what was cut last"),
    ("^_", "undo"),
    ("Alt-b Alt-f", "a word back, a word on"),
    ("PgUp PgDn", "scroll the chat"),
    ("Esc", "stop editing a message, a measurement; close the comparison"),
    ("^D", "on an empty line: quit"),
  ]
}
