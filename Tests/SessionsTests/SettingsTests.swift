import Foundation
import Inference
import Testing

@testable import Sessions

@Suite struct SettingsTests {
  private func read(_ text: String) throws -> (settings: Settings, warnings: [String]) {
    try Settings.read(TOMLDocument(text, path: "settings.toml"))
  }

  @Test func readsEverything() throws {
    let (settings, warnings) = try read(
      """
      # mine
      model = "SmolLM2-135M-Instruct"
      theme = 'night'
      system = \"\"\"
      Two
      lines\"\"\"
      threads = 2
      context = 4096
      context_policy = "summarise"
      weight_cache = 3
      [sampling]
      temperature = 0
      top_k = 20
      min_p = 0.1
      seed = 42
      [keys]
      "layers.toggle" = "x"
      """)
    #expect(warnings == [])
    #expect(settings.model == "SmolLM2-135M-Instruct")
    #expect(settings.theme == "night")
    #expect(settings.system == "Two\nlines")
    #expect(settings.threads == 2)
    #expect(settings.context == 4096)
    #expect(settings.weightCache == 3 && settings.contextPolicy == .summarise)
    #expect(settings.sampling.over().temperature == 0)
    #expect(settings.sampling.over().topK == 20)
    #expect(settings.sampling.over().minP == 0.1)
    #expect(settings.sampling.over().topP == SamplingOptions().topP)
    #expect(settings.sampling.over().seed == 42)
    #expect(settings.keys == ["layers.toggle": "x"])
  }

  @Test(arguments: ["\"forget\"", "3", "\"\""]) func aPolicyThatThereIsNot(value: String) throws {
    let error = #expect(throws: FileError.self) { try read("\ncontext_policy = \(value)") }
    #expect(
      error?.description.hasPrefix("settings.toml:2:") == true
        && error?.description.contains("context_policy") == true)
  }

  @Test func roomForPackedWeights() throws {
    let directories = Directories(environment: ["XDG_CACHE_HOME": "/cache"], home: "/home/me")
    let settings = try read("weight_cache = 3").settings
    #expect(settings.weightCache(in: directories)?.folder.path == "/cache/pare/weights")
    #expect(settings.weightCache(in: directories)?.limit == 3_000_000_000)
    #expect(settings.weightCache(in: directories, gigabytes: 5)?.limit == 5_000_000_000)
    #expect(settings.weightCache(in: directories, gigabytes: 0) == nil)
    #expect(try read("weight_cache = 0").settings.weightCache(in: directories) == nil)
    #expect(try read("").settings.weightCache(in: directories)?.limit == 8_000_000_000)
  }

  @Test func unknownKeysAreWarnedAboutWithTheirLine() throws {
    let warnings = try read("modl = \"x\"\n\n[sampling]\ntop_k = 1\ntop_q = 2\n[nonsense]\na = 1").warnings
    #expect(warnings.count == 3)
    #expect(warnings[0] == "settings.toml:1:1: unknown setting “modl”, did you mean “model”?")
    #expect(warnings[1].hasPrefix("settings.toml:6:1: unknown setting “nonsense”"))
    #expect(warnings[2] == "settings.toml:5:1: unknown setting “sampling.top_q”, did you mean “top_k”?")
  }

  @Test(arguments: [
    ("model = 3", "settings.toml:1:9: “model” must be a text in quotes"),
    ("\nthreads = 0", "settings.toml:2:11: “threads” must be a whole number from 1 to 1024"),
    ("weight_cache = -1", "settings.toml:1:16: “weight_cache” must be a whole number from 0 to 1000000"),
    ("threads = 1.5", "settings.toml:1:11: “threads” must be a whole number from 1 to 1024"),
    ("sampling = 1", "settings.toml:1:12: “sampling” must be a table: [sampling]"),
    (
      "[sampling]\ntemperature = -1",
      "settings.toml:2:15: temperature: “-1” is not a number from 0.0 to 100.0"
    ),
    (
      "[sampling]\ntemperature = nan",
      "settings.toml:2:15: temperature: “nan” is not a number from 0.0 to 100.0"
    ),
    ("sampling.top_p = 1.5", "settings.toml:1:18: top_p: “1.5” is not a number from 0.0 to 1.0"),
    ("[sampling]\nseed = [1]", "settings.toml:2:8: seed: “array” is not a whole number from 0, or none"),
    (
      "[sampling]\ntop_k = 99999999999",
      "settings.toml:2:9: top_k: “99999999999” is not a whole number from 0 to 10000000"
    ),
    ("[keys]\nquit = 1", "settings.toml:2:8: “keys.quit” must be a text in quotes"),
  ])
  func badValuesNameLineAndKey(_ text: String, _ message: String) {
    let error = #expect(throws: FileError.self) { try read(text) }
    #expect(error?.description == message)
  }

  @Test(arguments: ["a =", "[", "a = 1\na = 2", "a = \u{0}1", "= 3", "\u{1B}[31m"])
  func badTOMLIsOneLineWithoutControlCharacters(_ text: String) {
    let error = #expect(throws: FileError.self) { try read(text) }
    #expect(error?.description.hasPrefix("settings.toml") == true)
    #expect(error?.description.unicodeScalars.contains { $0.value < 32 } == false)
  }

  @Test func deepNestingIsRefused() {
    #expect(throws: FileError.self) { try read("a = " + String(repeating: "[", count: 200_000)) }
  }

  @Test(arguments: [
    ("  thread = 3", "settings.toml:1:3: unknown setting “thread”, did you mean “threads”?"),
    ("# é\n\t'x.y' = 3", "settings.toml:2:2: unknown setting “x.y”"),
  ])
  func columnsAreOfTheKey(_ text: String, _ start: String) throws {
    let warning = try #require(try read(text).warnings.first)
    #expect(warning.hasPrefix(start), "\(warning)")
  }

  @Test func actionsHaveTheirPlaces() throws {
    let settings = try read("model = \"a\"\n[keys]\n\"layers.nope\" = \"x\"").settings
    #expect(settings.keyPlaces == ["layers.nope": "settings.toml:3:1"])
  }

  /// As it is written the file changes nothing; each line does when its mark is taken away.
  @Test func theCommentedFileIsRight() throws {
    let sampling = SamplingOption.all.map {
      Settings.Line(comment: $0.summary, setting: "\($0.key) = '\($0.text(in: SamplingOptions()))'")
    }
    let keys = [Settings.Line(comment: "Layers", setting: "\"layers.toggle\" = \"x\"")]
    let text = Settings.template(sampling: sampling, keys: keys)
    let untouched = try read(text)
    #expect(untouched.settings == Settings() && untouched.warnings == [])
    let all = try read(
      text.split(separator: "\n").map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
        .joined(separator: "\n"))
    #expect(all.warnings == [])
    #expect(all.settings.threads != nil && all.settings.context != nil && all.settings.system != nil)
    #expect(all.settings.theme != nil && all.settings.model != nil)
    #expect(all.settings.sampling.options.count == SamplingOption.all.count)
    #expect(all.settings.keys == ["layers.toggle": "x"])
    for key in SettingsKey.all {
      #expect(text.contains("\n# \(key.summary)\n# Takes \(key.takes).\n#\(key.name) = "))
    }
  }

  @Test func aMissingFileHoldsTheDefaults() throws {
    let folder = try TemporaryFolder()
    let (settings, warnings) = try Settings.load(from: folder.url.appending(path: "no.toml"))
    #expect(settings == Settings())
    #expect(warnings == [])
    #expect(throws: FileError.self) { try Settings.load(from: folder.url) }
  }

  @Test func rememberedStateSurvivesAndDamageIsForgotten() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "deep/state/remembered.json")
    #expect(RememberedState.load(from: file) == RememberedState())
    var state = RememberedState()
    state.lastModel = "/m/x.gguf"
    try state.save(to: file)
    #expect(RememberedState.load(from: file) == state)
    try Data("{\"last_model\": 3".utf8).write(to: file)
    #expect(RememberedState.load(from: file) == RememberedState())
  }
}

@Suite struct DirectoriesTests {
  @Test func defaultsAreInTheHome() {
    let directories = Directories(
      environment: ["XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "relative"], home: "/h")
    #expect(directories.config.path == "/h/.config/pare")
    #expect(directories.models.path == "/h/.local/share/pare/models")
    #expect(directories.sessions.path == "/h/.local/share/pare/sessions")
    #expect(directories.historyFile.path == "/h/.local/state/pare/history")
    #expect(directories.cache.path == "/h/.cache/pare")
  }

  @Test func theEnvironmentWins() {
    let directories = Directories(
      environment: ["XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s", "PARE_MODELS": "/m m"], home: "/h")
    #expect(directories.models.path == "/m m")
    #expect(directories.sessions.path == "/d/pare/sessions")
    #expect(directories.logFile.path == "/s/pare/pare.log")
  }
}
