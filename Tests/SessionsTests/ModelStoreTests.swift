import Foundation
import Testing

@testable import Sessions

@Suite struct CatalogueTests {
  @Test func theBuiltInModelsAreTheOnesPromised() {
    let catalogue = Catalogue.builtIn
    #expect(
      catalogue.entries.map(\.name) == [
        "SmolLM2-135M-Instruct", "Gemma-3-270M", "Qwen2.5-Coder-1.5B-Instruct",
      ])
    #expect(catalogue.defaultName == "SmolLM2-135M-Instruct")
    #expect(catalogue["smollm2-135m-instruct"]?.bytes == 98_362_432)
    #expect(catalogue["Qwen2.5-Coder-1.5B-Instruct"]?.bytes == 1_117_320_768)
    #expect(catalogue.entries.map(\.partCount) == [1, 4, 22])
    #expect(catalogue.entries.map(\.licence) == ["Apache-2.0", "Gemma", "Apache-2.0"])
  }

  private func overlay(_ text: String) throws -> Catalogue {
    try Catalogue.builtIn.overlaid(with: TOMLDocument(text, path: "models.toml"))
  }

  @Test func usersAddAndReplace() throws {
    let catalogue = try overlay(
      """
      default = "mine"
      [[model]]
      name = "mine"
      file = "mine.gguf"
      url = "https://models.example/mine.gguf"
      [[model]]
      name = "GEMMA-3-270m"
      file = "g.gguf"
      url = "https://models.example/g.gguf"
      """)
    #expect(catalogue.entries.count == 4)
    #expect(catalogue.defaultName == "mine")
    #expect(catalogue["Gemma-3-270M"]?.file == "g.gguf")
  }

  @Test(arguments: [
    ("[[model]]\nname='a'\nfile='../a.gguf'\nurl='https://x.example/a'", "models.toml:3:"),
    ("[[model]]\nname='a'\nfile='a.bin'\nurl='https://x.example/a'", "must end in .gguf"),
    ("[[model]]\nname='a'\nfile='a.gguf'\nurl='ftp://x.example/a'", "only https"),
    ("[[model]]\nname='a'\nfile='a.gguf'\nurl='http://x.example/a'", "only https"),
    ("[[model]]\nname='a'\nfile='a.gguf'", "either “url” or “packages”"),
    ("[[model]]\nname='a'\nfile='a.gguf'\nurl='https://x.example/a'\nsha265='ab'", "unknown key"),
    ("[[model]]\nname='a'\nfile='a.gguf'\nurl='https://x.example/a'\nsha256='ab'", "64 hexadecimal digits"),
    ("[[model]]\nname='a'\nfile='a.gguf'\nurl='https://x.example/a'\nbytes=-1", "above 0"),
    ("[[model]]\nname='a'\nfile='a.gguf'\npackages={name='a',version='1'}", "needs “bytes” and “sha256”"),
    (
      "[[model]]\nname='a'\nfile='a.gguf'\nbytes=1\nsha256='\(String(repeating: "a", count: 64))'\npackages={name='--index-url=x',version='1'}",
      "not a package's name"
    ),
    (
      "[[model]]\nname='a'\nfile='a.gguf'\nbytes=1\nsha256='\(String(repeating: "a", count: 64))'\npackages={name='a',version='1 --pre'}",
      "not a version"
    ),
    (
      "[[model]]\nname='a'\nfile='a.gguf'\nbytes=1\nsha256='\(String(repeating: "a", count: 64))'\npackages={name='a',version='1',parts=2}",
      "{part}"
    ),
    ("[[model]]\nfile='a.gguf'", "“model.0.name” is missing"),
    ("default='nobody'", "models.toml:1:9: there is no model “nobody”"),
    ("modle=1", "unknown key"),
  ])
  func mistakesAreNamed(_ text: String, _ message: String) {
    let error = #expect(throws: FileError.self) { try overlay(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}

@Suite struct ModelStoreTests {
  let folder: TemporaryFolder
  let store: ModelStore

  init() throws {
    folder = try TemporaryFolder()
    store = ModelStore(folder: folder.url)
    for file in [
      "SmolLM2-135M-Instruct.Q4_1.gguf", "mine-7B.gguf", "mine-8b.GGUF", "notes.txt", "half.gguf.part",
    ] {
      _ = try folder.write("GGUF", as: file)
    }
  }

  @Test func listsWhatIsKnownAndWhatIsThere() {
    let models = store.models()
    #expect(
      models.map(\.name) == [
        "SmolLM2-135M-Instruct", "Gemma-3-270M", "Qwen2.5-Coder-1.5B-Instruct", "mine-7B", "mine-8b",
      ])
    #expect(models.map(\.isPresent) == [true, false, false, true, true])
    #expect(models[0].bytes == 4)
    #expect(models[2].bytes == 1_117_320_768)
    #expect(ModelStore(folder: folder.url.appending(path: "none")).models().count == 3)
  }

  @Test func partsAreOneModel() throws {
    for (number, text) in [(1, "GGUF"), (2, "GGUF12"), (3, "GGUF123")] {
      _ = try folder.write(text, as: "big-70B-0000\(number)-of-00003.gguf")
    }
    _ = try folder.write("GGUF", as: "rest-00002-of-00002.gguf")
    let model = try #require(store.models().first { $0.name == "big-70B" })
    #expect(model.bytes == 17 && model.url.lastPathComponent == "big-70B-00001-of-00003.gguf")
    #expect(store.models().count == 6)
    for text in ["big", "BIG-70b", "big-70B-00001-of-00003.gguf", "big-70B-00003-of-00003.gguf"] {
      #expect(try store.resolve(text) == model.url, "\(text)")
    }
  }

  @Test(arguments: [
    ("smollm2-135m-INSTRUCT", "SmolLM2-135M-Instruct.Q4_1.gguf"), ("smol", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ("SmolLM2-135M-Instruct.Q4_1", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"), ("mine-7", "mine-7B.gguf"),
    ("MINE-8B.gguf", "mine-8b.GGUF"),
  ])
  func resolves(_ text: String, _ file: String) throws {
    #expect(try store.resolve(text).lastPathComponent == file)
  }

  @Test func resolvesPaths() throws {
    let path = folder.url.appending(path: "notes.txt").path
    #expect(try store.resolve(path).path == path)
    #expect(throws: ModelLookupError.noFile("~/no-such-file.gguf")) {
      try store.resolve("~/no-such-file.gguf")
    }
    #expect(throws: ModelLookupError.noFile("/no/such.gguf")) { try store.resolve("/no/such.gguf") }
    #expect(throws: ModelLookupError.noFile(folder.url.path)) { try store.resolve(folder.url.path) }
  }

  @Test func errorsSayWhatToDo() {
    #expect(throws: ModelLookupError.ambiguous("mine", ["mine-7B", "mine-8b"])) { try store.resolve("mine") }
    #expect(throws: ModelLookupError.notDownloaded("Gemma-3-270M")) { try store.resolve("gemma") }
    #expect(throws: ModelLookupError.unknown("Gema-3-270M", near: ["Gemma-3-270M"])) {
      try store.resolve("Gema-3-270M")
    }
    #expect(throws: ModelLookupError.unknown("", near: [])) { try store.resolve("") }
    #expect(ModelLookupError.notDownloaded("Gemma-3-270M").description.contains("pare pull Gemma-3-270M"))
    #expect(!ModelLookupError.unknown("a\u{1B}[31m\nb", near: []).description.contains("\u{1B}"))
  }

  @Test func pullTakesNamesAndAddresses() throws {
    #expect(try store.entry(toPull: "QWEN2.5").name == "Qwen2.5-Coder-1.5B-Instruct")
    let entry = try store.entry(toPull: "hf:owner/repo/sub dir/My-Model.Q4_0.gguf")
    #expect(entry.name == "My-Model.Q4_0")
    #expect(
      entry.source
        == .url(URL(string: "https://huggingface.co/owner/repo/resolve/main/sub%20dir/My-Model.Q4_0.gguf")!))
    #expect(try store.entry(toPull: "https://x.example/a/b.gguf?download=true").file == "b.gguf")
    for bad in [
      "", "nothing", "hf:owner/repo", "hf:owner/repo/", "hf:o/../x.gguf", "hf:o/r/x.bin",
      "https://x.example/",
      "https://x.example/.gguf", "https://x.example/a%2F..%2Fb.gguf", "http://x.example/a.gguf",
      "file:///a.gguf", "https:///a.gguf",
      "https://x.example/%1B.gguf",
    ] {
      let error = #expect(throws: DownloadError.self, "\(bad)") { try store.entry(toPull: bad) }
      #expect(error?.description.contains { $0.isNewline || $0 == "\u{1B}" } == false)
    }
  }
}
