import Engine
import Terminal
import Testing

@testable import Inference
@testable import Interface
@testable import Sessions

/// Boxes over the panes that commands open, and the first steps.
@Suite struct PageTests {
  @Test func helpIsSearched() throws {
    var scene = try Scene.conversation()
    scene.press(.function(1))
    scene.press("/")
    for key in "rerun" { scene.press(.character(key)) }
    var text = render(scene.state).plainText
    #expect(text.contains("Keys and commands with: rerun") && text.contains("/rerun"))
    #expect(!text.contains("/theme") && !text.contains("suspend"))
    // Keys that mean something in the help are letters here, until Enter.
    for key in " qj" { scene.press(.character(key)) }
    #expect(render(scene.state).plainText.contains("nothing holds these words"))
    for _ in 0..<3 { scene.press(.backspace) }
    scene.press(.enter)
    scene.press("j")
    text = render(scene.state).plainText
    #expect(text.contains("Keys and commands with: rerun ") && text.contains("/rerun"))
    scene.press("q")
    #expect(scene.state.overlay == nil && scene.state.helpSearch == HelpSearch())
  }

  /// An action is found by the name that a key file needs.
  @Test func helpShowsTheNamesOfActions() throws {
    var scene = try Scene.conversation(width: 80, height: 24)
    scene.press(.function(1))
    scene.press("/")
    for key in "layers.toggle-attention" { scene.press(.character(key)) }
    let text = render(scene.state).plainText
    #expect(text.contains("in a key file: layers.") && text.contains("toggle-attention"))
    #expect(text.contains("Space"))
  }

  @Test func helpCoversTheInputLine() throws {
    var scene = try Scene.conversation()
    scene.press(.function(1))
    let text = render(scene.state).plainText
    for row in InputKeys.rows { #expect(text.contains(row.keys) && text.contains(row.does)) }
  }

  @Test func setShowsValues() throws {
    var scene = try Scene(width: 80, height: 40)
    var sampling = SamplingOptions()
    sampling.topK = 20
    scene.load(sampling: sampling)
    scene.enter("/set temperature 0.3")
    scene.enter("/set")
    let text = render(scene.state).plainText
    for option in SamplingOption.all { #expect(text.contains(option.key)) }
    #expect(text.contains(/temperature +0\.3 +chosen/) && text.contains(/top_k +20 +the model's/))
    #expect(text.contains(/min_p +0\.05 +the default/))
    scene.press(.escape)
    #expect(scene.state.overlay == nil)
    scene.enter("/set top_k")
    #expect(scene.state.notice?.text.hasPrefix("top_k is 20, the model's; it takes a whole number") == true)
  }

  @Test func valuesOfSmallModelsAreNotSaidToBeTheFiles() throws {
    var scene = try Scene(width: 80, height: 40)
    var sampling = SamplingOptions.small
    sampling.loopGuard = SamplingOptions.standard.loopGuard
    scene.load(sampling: sampling)
    scene.enter("/set")
    let text = render(scene.state).plainText
    #expect(text.contains(/temperature +0\.2 +for small models/))
    #expect(text.contains(/loop_guard +320 +the default/) && text.contains(/min_p +0\.05 +the default/))
  }

  @Test func promptShowsWhatWasSent() throws {
    var scene = try Scene(width: 80, height: 24)
    scene.load()
    #expect(scene.enter("/prompt").isEmpty)
    scene.enter("Why?")
    #expect(scene.enter("/prompt").isEmpty && scene.state.notice?.text.contains("^C") == true)
    scene.answer("Because.")
    #expect(scene.enter("/prompt").tokenized.map { $0.map(\.content) } == [["Why?"]])
    let tokens = [("<|im_start|>", true), ("user", false), ("\\n", false), ("Why", false), ("?", false)]
    scene.send(
      .engine(
        .prompt(tokens.enumerated().map { PromptToken(id: $0, text: $1.0 + "\u{1B}[2J", isControl: $1.1) })))
    let text = render(scene.state).plainText
    #expect(text.contains("The prompt · 5 tokens · the file's template"))
    #expect(text.contains("<|im_start|>") && !text.contains("\u{1B}"))
  }

  // MARK: Models

  @Test func modelsAreChosenFromAList() throws {
    var scene = try Scene(width: 80, height: 24)
    scene.load()
    #expect(scene.enter("/model").inspections == 1)
    #expect(render(scene.state).plainText.contains("looking"))
    var need = MemoryNeed(
      positions: 8192, weights: 90 << 20, cache: 100 << 20, workspace: 0, records: 0, preparation: 0)
    var open = ModelCard(
      name: "SmolLM2-135M-Instruct", path: "/models/SmolLM2-135M-Instruct.Q4_1.gguf", bytes: 98_362_432)
    (open.need, open.fit, open.kind) = (need, .fits, .chat)
    need.weights = 1 << 40
    var base = ModelCard(name: "base\u{1B}[2J", path: "/models/base.gguf", bytes: 1 << 30)
    (base.need, base.fit, base.kind) = (need, .tooLarge, .base)
    let far = ModelCard(name: "Gemma-3-270M", bytes: 253_113_024, about: "many languages")
    var broken = ModelCard(name: "broken", path: "/models/broken.gguf", bytes: 7)
    broken.problem = "broken.gguf: is cut off"
    scene.send(.models([open, base, far, broken], isLooking: false))
    var text = render(scene.state).plainText
    #expect(text.contains("98.4 MB") && text.contains("open") && text.contains("answers: its file has"))
    #expect(text.contains("too large") && text.contains("not here") && text.contains("cannot be opened"))
    scene.press(.down)
    text = render(scene.state).plainText
    #expect(
      text.contains("continues a text rather than answers") && text.contains("more than this machine has"))
    #expect(!text.contains("\u{1B}"))
    scene.press(.down)
    #expect(render(scene.state).plainText.contains("Enter fetches it"))
    #expect(scene.press(.enter).pulls == ["Gemma-3-270M"])
    scene.enter("/model")
    scene.press(.end)
    scene.press(.down)
    #expect(scene.press(.enter).loaded.isEmpty && scene.state.notice?.text.contains("cut off") == true)
    scene.press(.up)
    scene.press(.up)
    #expect(scene.press(.enter).loaded == ["/models/base.gguf"])
    #expect(scene.state.overlay == nil && scene.state.isLoading)
  }

  @Test func aModelIsFetchedWithProgress() throws {
    var scene = try Scene(width: 80, height: 24)
    scene.load()
    #expect(scene.enter("/pull gemma").pulls == ["gemma"])
    #expect(scene.enter("/pull other").pulls.isEmpty)
    scene.state.notice = nil
    var report = PullReport(
      DownloadProgress(
        stage: .downloading, part: 1, parts: 4, bytes: 25, totalBytes: 100, bytesPerSecond: 5e6))
    scene.send(.pullProgress(report))
    #expect(
      render(scene.state).plainText.contains("fetching gemma · part 1/4, 25 B of 100 B, 5.00 MB/s · 25 %"))
    report.stage = "verifying"
    scene.send(.pullProgress(report))
    #expect(render(scene.state).plainText.contains("checking"))
    #expect(scene.enter("/pull stop").stoppedPulls == 1)
    scene.send(.pullEnded("gemma", .stopped))
    #expect(scene.state.pull == nil && scene.state.notice?.text.contains("goes on from there") == true)
    scene.enter("/pull gemma")
    scene.send(.pullEnded("gemma", .failed("no network")))
    #expect(scene.state.notice?.kind == .error && scene.state.notice?.text == "no network")
    scene.enter("/pull gemma")
    #expect(scene.press("c", .control).stoppedPulls == 1)
    scene.send(.pullEnded("gemma", .fetched(path: "/models/gemma.gguf")))
    #expect(scene.state.notice?.text.contains("/model gemma opens it") == true)
  }

  // MARK: First steps

  @Test func enterOnAnEmptyLineAsksTheExample() throws {
    var scene = try Scene(width: 80, height: 24)
    #expect(scene.enter("").isEmpty)
    scene.load()
    let example = try #require(scene.state.example)
    let text = render(scene.state).plainText
    #expect(
      text.contains("asks “\(example)”") && text.contains("› ") && text.contains("Enter asks: \(example)"))
    #expect(scene.enter("").requests.map(\.messages.last?.content) == [example])
    scene.answer("It pumps blood.")
    #expect(scene.enter("").isEmpty && scene.state.example == nil)
    #expect(!render(scene.state).plainText.contains("Enter asks"))
  }

  @Test func aGuessedTemplateIsSaid() throws {
    var scene = try Scene()
    scene.send(
      .engine(
        .loaded(
          ModelSummary(
            name: "base", path: "/base.gguf", architecture: "llama", fileType: "F16", layers: 2,
            parameters: 9,
            context: 64, threads: 1, kernels: "scalar", template: .guessedPlain))))
    #expect(render(scene.state).plainText.contains("continues a text rather than answers"))
  }
}
