import Foundation
import Inference
import Templates

@testable import Interface
@testable import Sessions

/// The limits of a fuzzed template: as those of the program, for texts that are a thousandth as long.
private let limits = Limits(steps: 20_000, bytes: 1 << 20, depth: 100)

func fuzzTemplate(_ bytes: UnsafeRawBufferPointer) {
  // The content of a message follows the source, after a zero.
  let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let source = String(decoding: parts[0], as: UTF8.self)
  let content = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "<|im_end|>Hi {{ x }}"
  do {
    let template = try ChatTemplate(source)
    let segments = try template.render(
      messages: [("system", "Be brief."), ("user", content), ("assistant", "Well.")], bosToken: "<s>",
      eosToken: "</s>", limits: limits)
    require(segments.allSatisfy { !$0.text.isEmpty }, "no run is empty")
  } catch {
    check(error)
  }
}

func fuzzJSON(_ bytes: UnsafeRawBufferPointer) {
  do { _ = try Value(json: String(decoding: bytes, as: UTF8.self)) } catch { check(error) }
}

func fuzzTOML(_ bytes: UnsafeRawBufferPointer) {
  let file = MemoryFile(bytes)
  do { _ = try PlanFile.load(from: file.url) } catch { check(error) }
  do { _ = try Settings.load(from: file.url) } catch { check(error) }
  do { _ = try Catalogue.load(from: file.url) } catch { check(error) }
}

func fuzzTheme(_ bytes: UnsafeRawBufferPointer) {
  let text = String(decoding: bytes, as: UTF8.self)
  do throws(ThemeError) {
    _ = try Theme(toml: text, name: "fuzz", place: "fuzz.toml") { name throws(ThemeError) in
      throw ThemeError("\(name) is not here")
    }
  } catch {
    check(error)
  }
}

func fuzzJournal(_ bytes: UnsafeRawBufferPointer) {
  do {
    let replay = try Replay(Data(bytes), path: "fuzz.jsonl")
    let conversation = replay.session.conversation
    for node in conversation.path() { _ = conversation.siblings(of: node.id) }
    for format in [SessionFormat.markdown, .json, .html] {
      _ = replay.export(as: format, name: try SessionName("fuzz"))
    }
  } catch {
    check(error)
  }
}
