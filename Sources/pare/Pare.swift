import ArgumentParser

@main
struct Pare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pare")
}
