import Foundation
import Inference
import Terminal
import Testing

@testable import Interface
@testable import Sessions

/// The list of sessions, and what they go on with.
@Suite struct SessionTests {
  private func summaries() throws -> [SessionSummary] {
    try [
      ("sky", "Why is the sky blue?", 60.0),
      ("2026-11-02-name-one-river-in-europe", "Name one river in Europe.", 7200),
      ("notes", "Écris \u{1B}[31m une ligne", 86400 * 30),
    ].map {
      SessionSummary(
        name: try SessionName($0), modified: Date(timeIntervalSinceReferenceDate: -$2), bytes: 12_345,
        firstPrompt: $1, model: ModelReference(name: "SmolLM2-135M-Instruct"))
    }
  }

  private func scene(width: Int = 80, height: Int = 24) throws -> Scene {
    var scene = try Scene.conversation(width: width, height: height)
    scene.send(.sessions(.named("sky")))
    scene.enter("/sessions")
    scene.send(.sessions(.listed(try summaries())))
    scene.state.notice = nil
    return scene
  }

  private func text(_ scene: Scene) -> String { render(scene.state).framedText }

  @Test(arguments: [(120, 40), (80, 24), (60, 20), (40, 10), (20, 5), (1, 1)])
  func list(_ size: (Int, Int)) throws {
    let scene = try scene(width: size.0, height: size.1)
    #expect(render(scene.state).size == Size(width: size.0, height: size.1))
    guard size.0 >= 40 else { return }
    try expectSnapshot(text(scene), "sessions-\(size.0)x\(size.1)")
  }

  @Test func searchingTypesIntoTheList() throws {
    var scene = try scene()
    scene.press("/")
    for key in "river" { scene.press(.character(key)) }
    #expect(scene.effects.suffix(5).compactMap(\.search) == ["r", "ri", "riv", "rive", "river"])
    #expect(text(scene).contains("searching…"))
    let found = SessionMatch(summary: try summaries()[1], excerpt: "…one river in Europe")
    scene.send(.sessions(.found([], query: "riv")))
    #expect(text(scene).contains("searching…"), "an answer to an older query")
    scene.send(.sessions(.found([found], query: "river")))
    try expectSnapshot(text(scene), "sessions-search")
    // Keys that are commands elsewhere are text here, and the line can be edited.
    for key in ["q", "d"] as [Terminal.Key] { scene.press(key) }
    #expect(scene.state.sessions.query == "riverqd")
    scene.press(.backspace)
    scene.press("u", .control)
    #expect(scene.state.sessions.query == "" && scene.state.sessions.rows.count == 3)
    scene.send(.input(.paste("river\nbed")))
    #expect(scene.state.sessions.query == "river bed" && scene.state.overlay == .sessions)
    scene.press(.escape)
    #expect(scene.state.sessions.entry == nil && scene.state.sessions.query == "river bed")
    scene.press(.escape)
    #expect(scene.state.sessions.query == "" && scene.state.overlay == .sessions)
    scene.press(.escape)
    #expect(scene.state.overlay == nil)
  }

  /// A click chooses, a second one opens, one beside the box closes it.
  @Test(arguments: [(120, 40), (80, 24), (60, 20)]) func clicks(_ size: (Int, Int)) throws {
    var scene = try scene(width: size.0, height: size.1)
    func place(of text: String) throws -> Point {
      let rows = render(scene.state).plainText.split(separator: "\n", omittingEmptySubsequences: false)
      let y = try #require(rows.firstIndex { $0.contains(text) })
      return Point(x: size.0 / 2, y: y)
    }
    func click(_ place: Point) -> [String] {
      scene.send(.input(.mouse(Mouse(.press(.left), at: place)))).opened
    }
    let river = try place(of: "Name one river")
    #expect(click(river).isEmpty && scene.state.sessions.place == 1 && scene.state.overlay == .sessions)
    #expect(try click(place(of: "Écris")).isEmpty && scene.state.sessions.place == 2)
    let title = try place(of: "Sessions · 3")
    #expect(click(title).isEmpty && scene.state.sessions.place == 2 && scene.state.overlay == .sessions)
    scene.send(.input(.mouse(Mouse(.scrollUp, at: river))))
    #expect(scene.state.sessions.place == 1)
    #expect(click(river) == ["2026-11-02-name-one-river-in-europe"])
    scene.state.overlay = .sessions
    #expect(click(Point(x: 0, y: size.1 - 1)).isEmpty && scene.state.overlay == nil)
  }

  @Test func enterOpens() throws {
    var scene = try scene()
    #expect(scene.press(.enter).opened == [], "the open one")
    #expect(scene.state.overlay == nil)
    scene = try self.scene()
    scene.press("j")
    #expect(scene.press(.enter).opened == ["2026-11-02-name-one-river-in-europe"])
    scene = try self.scene()
    scene.enter("Why?")
    scene.state.overlay = .sessions
    scene.press("G")
    #expect(scene.press(.enter).opened == [], "an answer is under way")
    #expect(scene.state.notice?.text.contains("^C") == true)
  }

  @Test func namesAreChanged() throws {
    var scene = try scene()
    scene.press("G")
    scene.press("r")
    scene.press("2")
    let effects = scene.press(.enter)
    guard case .sessions(.rename("notes", to: "notes2"))? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    let news = scene.send(.sessions(.renamed("notes2")))
    #expect(news.contains { if case .sessions(.list) = $0 { true } else { false } })
    scene.press("r")
    #expect(scene.press(.enter).isEmpty, "the same name")
  }

  @Test func deletedAndBroughtBack() throws {
    var scene = try scene()
    scene.press("j")
    guard case .sessions(.delete(let name))? = scene.press("d").first else {
      Issue.record("nothing is deleted")
      return
    }
    #expect(name == "2026-11-02-name-one-river-in-europe")
    scene.press("u")
    #expect(scene.state.notice?.text.contains("--deleted") == true)
    scene.press(.escape)
    let deleted = DeletedSession(name: try SessionName(name), kept: try SessionName(name + "-2"))
    scene.send(.sessions(.deleted(deleted)))
    #expect(scene.state.notice?.text.hasSuffix("/undelete brings it back") == true)
    guard case .sessions(.restore(deleted))? = scene.enter("/undelete").first else {
      Issue.record("nothing is brought back")
      return
    }
  }

  @Test func writtenOut() throws {
    var scene = try scene()
    scene.press("e")
    #expect(scene.state.sessions.entry?.field.text == "sky.html")
    guard case .sessions(.export("sky", .html, path: "sky.html"))? = scene.press(.enter).first else {
      Issue.record("nothing is written")
      return
    }
    scene.press("e")
    scene.press(.backspace)
    #expect(scene.press(.enter).isEmpty && scene.state.notice?.kind == .error)
    scene.press(.escape)
    scene.press(.escape)
    guard case .sessions(.export(nil, .json, path: "a b.json"))? = scene.enter("/export a b.json").first
    else {
      Issue.record("the command writes nothing")
      return
    }
    #expect(scene.enter("/export a.txt").isEmpty)
    #expect(scene.enter("/export replay a.json").isEmpty)
    #expect(scene.enter("/export replay a.html").analyses.first is ReplayRequest)
  }

  // MARK: Models and plans

  private var lean: Plan { var plan = Plan(); plan.drop.attention = [3]; return plan }

  private func session(_ model: ModelReference?, plan: Plan = .baseline) throws -> Session {
    var session = Session()
    if let model { try session.apply(.model(model)) }
    try session.apply(.plan(plan))
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Earlier"))
    return session
  }

  private func summary(_ name: String, path: String, layers: Int = Scene.layers) -> ModelSummary {
    ModelSummary(
      name: name, path: path, architecture: "llama", fileType: "F32", layers: layers, parameters: 1,
      context: 512, threads: 1, kernels: "none")
  }

  @Test func aSessionGoesOnWithItsOwnModel() throws {
    var scene = try Scene()
    scene.load()
    let own = ModelReference(name: "Other", path: "/models/other.gguf")
    let opened = scene.send(.sessionOpened(try session(own, plan: lean), name: "a", isNew: false))
    #expect(opened.wantedModels == [own])
    #expect(opened.plansInUse == [], "its plan is not for the model that is loaded")
    let loads = scene.send(.sessions(.model(own, path: "/models/other.gguf")))
    guard case .loadModel("/models/other.gguf")? = loads.first, scene.state.isLoading else {
      Issue.record("\(loads)")
      return
    }
    let effects = scene.send(.engine(.loaded(summary("Other", path: "/models/other.gguf"))))
    #expect(effects.plansInUse == [lean] && scene.state.plan == lean)
  }

  @Test func aModelThatIsNotThereIsAskedAbout() throws {
    for answer in [Terminal.Key.enter, .escape] {
      var scene = try Scene(width: 80, height: 24)
      scene.load()
      scene.send(.sessions(.named("first")))
      let own = ModelReference(name: "Gone", path: "/models/gone.gguf")
      scene.send(.sessionOpened(try session(own, plan: lean), name: "a", isNew: false))
      #expect(scene.send(.sessions(.model(own, path: nil))).isEmpty)
      #expect(scene.state.overlay == .otherModel(own))
      if answer == .enter { try expectSnapshot(text(scene), "other-model") }
      #expect(scene.press("x").isEmpty && scene.state.overlay != nil)
      let effects = scene.press(answer)
      #expect(scene.state.overlay == nil)
      guard answer == .enter else {
        #expect(effects.opened == ["first"])
        continue
      }
      #expect(effects.journalled.contains(.plan(.baseline)) && effects.plansInUse == [.baseline])
      #expect(scene.state.notice?.text.contains("was chosen for Gone") == true)
      // It is one step away, and then meant.
      #expect(scene.enter("/undo").plansInUse == [lean])
    }
  }

  @Test func aPlanStaysWithItsModel() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("/drop attn 3")
    let effects = scene.send(.engine(.loaded(summary("Other", path: "/o.gguf"))))
    #expect(effects.plansInUse == [.baseline] && scene.state.plan == .baseline)
    #expect(scene.state.notice?.kind == .warning)
    // Another file of the same model keeps it.
    scene.enter("/undo")
    #expect(scene.send(.engine(.loaded(summary("other", path: "/o.Q8_0.gguf")))).plansInUse == [lean])
  }

  @Test func aPlanThatWasAskedForIsTaken() throws {
    let own = ModelReference(name: "Gone")
    var state = AppState(
      session: try session(own, plan: lean), theme: try ThemeCatalog(userFolder: nil).theme("dark"))
    _ = update(&state, .planLoaded(PlanFile(plan: lean), name: "lean"))
    let effects = update(&state, .engine(.loaded(summary("Other", path: "/o.gguf"))))
    #expect(effects.plansInUse == [lean])
  }

  @Test func withoutAScreenItIsSaid() throws {
    let own = ModelReference(name: "Gone")
    var state = AppState(
      session: try session(own, plan: lean), theme: try ThemeCatalog(userFolder: nil).theme("dark"),
      isInLines: true)
    _ = update(&state, .engine(.loaded(summary("Other", path: "/o.gguf"))))
    #expect(state.plan == .baseline)
    _ = update(&state, .sessionOpened(try session(own), name: "a", isNew: false))
    let effects = update(&state, .sessions(.model(own, path: nil)))
    #expect(state.overlay == nil && state.notice?.text.contains("was with Gone") == true)
    #expect(effects.plansInUse == [.baseline])
  }
}

extension Effect {
  fileprivate var search: String? { if case .sessions(.search(let query)) = self { query } else { nil } }
}

extension [Effect] {
  fileprivate var opened: [String] {
    compactMap { if case .openSession(let name) = $0 { name } else { nil } }
  }
  fileprivate var wantedModels: [ModelReference] {
    compactMap { if case .sessions(.findModel(let model)) = $0 { model } else { nil } }
  }
}

/// The line that overlays edit.
@Suite struct TextFieldTests {
  @Test func keysEdit() {
    var field = TextField("one two")
    func press(_ chords: KeyChord...) {
      for chord in chords {
        let isTaken = field.press(chord)
        #expect(isTaken)
      }
    }
    press(.control("w"), KeyChord("é"), KeyChord(.left), KeyChord("x"), KeyChord(.end), KeyChord("!"))
    #expect(field.text == "one xé!" && field.cursor == 7)
    press(KeyChord(.home), KeyChord(.delete), KeyChord(.left), KeyChord(.right), KeyChord(.backspace))
    #expect(field.text == "e xé!" && field.cursor == 0)
    press(.control("k"), KeyChord(.backspace), KeyChord(.delete), .control("w"))
    #expect(field.text == "" && field.cursor == 0)
    field.insert("a\r\nb\n")
    #expect(field.text == "a b" && field.parts == ("a b", ""))
    for chord in [KeyChord(.enter), .control("x"), KeyChord(.up)] {
      let isTaken = field.press(chord)
      #expect(!isTaken)
    }
    // A mark joins the letter before it.
    field.insert("e")
    field.insert("\u{301}")
    press(KeyChord(.backspace), KeyChord("z"))
    #expect(field.text == "a bz")
  }
}
