import Foundation
import Sessions
import Terminal
import Testing

@testable import Interface

/// Files in messages, named prompts, and the user's own editor.
@Suite struct WritingTests {
  @Test(arguments: [
    ("see @notes.txt", ["notes.txt"]), ("@a and @a, (@b/c.md)", ["a", "a,", "b/c.md)"]),
    ("mail me@here.org", []), ("@\"my notes.txt\" please", ["my notes.txt"]), ("@ @\"x", []),
    ("line\n@~/x", ["~/x"]),
  ])
  func referencesBeginWords(text: String, paths: [String]) {
    #expect(FileReference.all(in: text).map(\.path) == paths)
  }

  @Test func contentsAreFencedAndCanBeTakenOffAgain() {
    let text = "What is in @a.md?"
    let message = FileReference.attach("one\n````\ntwo", of: "a.md", to: text)
    #expect(message == "What is in @a.md?\n\na.md:\n`````\none\n````\ntwo\n`````")
    #expect(FileReference.typed(message) == text)
    #expect(FileReference.isAttached("a.md", to: message) && !FileReference.isAttached("b.md", to: message))
    #expect(FileReference.typed("nothing @here") == "nothing @here")
  }

  @Test func aMessageIsSentWithItsFiles() throws {
    var scene = try Scene()
    scene.load()
    let effects = scene.enter("Sum up @notes.txt")
    guard case .attachFiles("Sum up @notes.txt")? = effects.first, effects.count == 1 else {
      Issue.record("\(effects)")
      return
    }
    #expect(
      scene.send(.filesAttached("whole", missing: ["x/y"])).requests.first?.messages.last?.content == "whole")
    #expect(scene.state.notice?.text.contains("no file x/y") == true)
    scene.answer("ok")
    #expect(scene.send(.filesRefused("Sum up @big", why: "too large")).inputs == ["Sum up @big"])
    #expect(scene.state.notice?.text == "too large")
  }

  @Test func pathsAreCompleted() throws {
    var scene = try Scene()
    scene.load()
    let effects = { (line: String) -> [String] in
      scene.send(.inputChanged(InputMirror(text: line, cursor: line.utf8.count)))
        .compactMap { if case .listFolder(let folder) = $0 { folder } else { nil } }
    }
    #expect(effects("look at @no") == [""])
    scene.send(
      .folder(FolderNames(folder: "", names: [".hidden", "nodes/", "notes.txt", "my notes", "other"])))
    #expect(scene.state.completion?.candidates.map(\.text) == ["@nodes/", "@notes.txt"])
    #expect(scene.press(.tab).inputs == ["look at @nodes/"])
    #expect(effects("look at @nodes/") == ["nodes/"])
    scene.send(.folder(FolderNames(folder: "", names: ["late"])))
    #expect(scene.state.completion == nil)
    scene.send(.folder(FolderNames(folder: "nodes/", names: ["a.md"])))
    #expect(scene.press(.tab).inputs == ["look at @nodes/a.md "])
    #expect(effects("/read ") == [""])
    scene.send(.folder(FolderNames(folder: "", names: ["notes.txt"])))
    #expect(scene.state.completion?.accepted == "/read notes.txt ")
    // Not in the middle of a word, nor in a search of the history.
    #expect(effects("me@no").isEmpty && scene.state.completion == nil)
    scene.send(.inputChanged(InputMirror(text: "@no", cursor: 3, prompt: "(reverse-i-search)`x': ")))
    #expect(scene.state.completion == nil)
  }

  @Test func namedPrompts() throws {
    var scene = try Scene()
    scene.load()
    guard case .loadPrompt("pirate", .system)? = scene.enter("/system load pirate").first,
      case .loadPrompt("brief", .message("the text"))? = scene.enter("/use brief the text").first
    else {
      Issue.record("no prompt is loaded")
      return
    }
    scene.send(.promptLoaded("Talk like a pirate.", name: "pirate", .system))
    #expect(scene.state.session.conversation.messages().first?.content == "Talk like a pirate.")
    guard
      case .savePrompt("Talk like a pirate.", "again", true)? = scene.enter("/system save again --force")
        .first
    else {
      Issue.record("the prompt is not kept")
      return
    }
    let sent = scene.send(.promptLoaded("In short: {{input}}", name: "brief", .message("the text")))
    #expect(sent.requests.first?.messages.last?.content == "In short: the text")
    scene.answer("ok")
    #expect(
      scene.send(.promptLoaded("In short: {{input}}", name: "brief", .message(""))).inputs == ["In short: "])
    // Other words are a system prompt as before.
    scene.enter("/system load the truck")
    #expect(scene.state.session.conversation.messages().first?.content == "load the truck")
  }

  @Test func theEditorIsForTheLineAMessageOrAnAnswer() throws {
    var scene = try Scene()
    scene.load()
    func opened() -> (String, EditedText)? {
      scene.effects.terminal.compactMap {
        if case .openEditor(let text, let subject) = $0 { (text, subject) } else { nil }
      }
      .last
    }
    scene.type("half a line")
    scene.press("o", .control)
    #expect(try #require(opened()) == ("half a line", .input))
    #expect(scene.send(.edited("a whole line", .input)).inputs == ["a whole line"])
    scene.type("")
    scene.enter("Why?")
    scene.answer("Because")
    scene.enter("/editor answer")
    #expect(try #require(opened()) == ("Because", .node(2)))
    #expect(scene.send(.edited("Because", .node(2))).isEmpty)
    #expect(scene.send(.edited(" \n", .node(2))).isEmpty)
    #expect(
      scene.send(.edited("Since", .node(2))).journalled
        == [.message(id: 3, parent: 1, role: .assistant, content: "Since")])
    scene.enter("/editor message")
    #expect(try #require(opened()) == ("Why?", .node(1)))
    #expect(scene.send(.edited("How?", .node(1))).requests.first?.messages.map(\.content) == ["How?"])
  }

  /// What the program says together with a line that it sets is still to be read.
  @Test func aLineThatIsSetLeavesTheNotice() throws {
    var scene = try Scene.conversation()
    scene.enter("/edit")
    let line = InputMirror(text: "x", cursor: 1)
    scene.send(.inputSet(line))
    #expect(scene.state.notice != nil && scene.state.input == line)
    scene.type("y")
    #expect(scene.state.notice == nil)
  }

  @Test func keysOfTheInputLine() throws {
    var scene = try Scene()
    scene.load()
    // Esc ends readline's search, whatever else it might do.
    scene.send(.inputChanged(InputMirror(text: "", cursor: 0, prompt: "(reverse-i-search)`': ")))
    #expect(scene.press(.escape).edits == 1 && scene.press("d", .control).edits == 1)
    scene.type("some")
    #expect(scene.press("d", .control).edits == 1)
    #expect(scene.press("c", .control).inputs == [""])
    #expect(scene.state.notice?.text.contains("^C again offers to quit") == true)
    scene.type("")
    #expect(scene.press("d", .control).quits)
    // Where something is under way it asks.
    scene.enter("Why?")
    scene.effects = []
    #expect(!scene.press("d", .control).quits && scene.state.overlay == .confirmQuit)
  }
}
