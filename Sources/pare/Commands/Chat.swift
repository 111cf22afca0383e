import ArgumentParser

struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the terminal interface; without a terminal, a plain line mode.")
  @OptionGroup var model: ModelOptions
}
