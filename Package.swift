// swift-tools-version: 6.1
import PackageDescription

// Data flows one way: file → weights → engine → analysis → state → screen.
// A target imports only targets listed above it.

let fortified = CSetting.define("_FORTIFY_SOURCE", to: "2", .when(configuration: .release))
let optimised: [CSetting] = [.unsafeFlags(["-O3"]), fortified]  // kernels must be fast in debug builds too
// What reads the terminal and handles signals: lengths are checked where the compiler knows them, and the stack is.
let hardened: [CSetting] = [.unsafeFlags(["-fstack-protector-strong"]), fortified]
let optimisedSwift: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]  // so must decoders
// Most of a build's time goes into optimising Swift. Where nothing waits for the code, it is left out.
let plain: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
  name: "pare",
  products: [.executable(name: "pare", targets: ["pare"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .target(name: "IO"),
    .target(name: "CKernels", cSettings: optimised),
    .target(
      name: "CTerminal", cSettings: hardened,
      linkerSettings: [
        .linkedLibrary("ncursesw"), .linkedLibrary("tinfo"), .linkedLibrary("readline"),
      ]),

    .target(name: "CMapping", cSettings: hardened),
    .target(
      name: "GGUF",
      dependencies: ["CMapping", "IO", .product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Quantization", dependencies: ["CKernels", "GGUF"], swiftSettings: optimisedSwift),
    .target(
      name: "Tokenization",
      dependencies: ["GGUF", .product(name: "HeapModule", package: "swift-collections")]),
    .target(
      name: "Templates",
      dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(
      name: "Inference",
      dependencies: ["IO", "CKernels", "GGUF", "Quantization", "Tokenization", "Templates"],
      resources: [.embedInCode("Preparation/calibration.txt"), .embedInCode("Preparation/thoughts.txt")]),
    .target(name: "Analysis", dependencies: ["CKernels", "Inference", "Quantization", "Tokenization"]),
    .target(name: "Engine", dependencies: ["Analysis", "Inference", "Tokenization"]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "Sessions",
      dependencies: ["IO", "Analysis", "CCrypto", "GGUF", "Inference", "TOMLKit"],
      // In the binary itself, so that it works wherever it is copied.
      resources: [.embedInCode("Models/catalogue.toml")], swiftSettings: plain),
    .systemLibrary(name: "CCMark", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    .target(
      name: "Markdown", dependencies: ["IO", "CCMark"],
      // The libraries' shared forms have a version in their names, so that another Debian would not find them.
      linkerSettings: [
        .linkedLibrary(":libcmark-gfm-extensions.a"), .linkedLibrary(":libcmark-gfm.a"),
      ]),
    .target(name: "Terminal", dependencies: ["IO", "CTerminal"]),
    .target(
      name: "Interface",
      dependencies: [
        "IO", "Analysis", "Engine", "Inference", "Markdown", "Sessions", "Terminal", "Tokenization",
        "TOMLKit",
      ],
      resources: [
        .embedInCode("Themes"), .embedInCode("Replay/replay.html"), .embedInCode("Replay/replay.css"),
        .embedInCode("Replay/replay.js"),
      ]),
    .executableTarget(
      name: "pare",
      dependencies: [
        "IO", "Analysis", "Engine", "GGUF", "Inference", "Interface", "Quantization", "Sessions", "Templates",
        "Terminal", "Tokenization",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: plain,
      // Addresses of functions are looked up at the start, and can be written to no more (full RELRO).
      linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"], .when(platforms: [.linux]))]),

    .testTarget(name: "IOTests", dependencies: ["IO"], swiftSettings: plain),
    .target(name: "ModelFiles", path: "Tests/ModelFiles"),
    .testTarget(
      name: "GGUFTests", dependencies: ["GGUF", "ModelFiles"], resources: [.copy("Fixtures")],
      swiftSettings: plain),
    .testTarget(
      name: "QuantizationTests", dependencies: ["CKernels", "GGUF", "ModelFiles", "Quantization"],
      resources: [.copy("Fixtures")], swiftSettings: plain),
    .testTarget(
      name: "TokenizationTests", dependencies: ["GGUF", "ModelFiles", "Tokenization"],
      resources: [.copy("Fixtures")], swiftSettings: plain),
    .testTarget(
      name: "TemplatesTests", dependencies: ["Templates"], resources: [.copy("Fixtures")],
      swiftSettings: plain),
    .target(
      name: "TestModels", dependencies: ["GGUF", "Inference", "ModelFiles", "Quantization"],
      path: "Tests/TestModels"),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "CKernels", "GGUF", "Inference", "ModelFiles", "Quantization", "TestModels", "Tokenization",
      ],
      resources: [.copy("Fixtures")], swiftSettings: plain),
    .testTarget(
      name: "AnalysisTests",
      dependencies: ["Analysis", "Inference", "ModelFiles", "TestModels", "Tokenization"],
      swiftSettings: plain),
    .testTarget(
      name: "EngineTests",
      dependencies: ["Analysis", "Engine", "Inference", "ModelFiles", "TestModels", "Tokenization"],
      swiftSettings: plain),
    .testTarget(
      name: "SessionsTests", dependencies: ["Analysis", "Sessions", "TestModels"], swiftSettings: plain),
    .executableTarget(
      name: "terminal-probe", dependencies: ["Terminal"], path: "Tests/TerminalProbe", swiftSettings: plain),
    .testTarget(
      name: "TerminalTests", dependencies: ["IO", "Terminal", "terminal-probe"], swiftSettings: plain),
    .testTarget(
      name: "MarkdownTests", dependencies: ["Markdown"], swiftSettings: plain),
    .testTarget(
      name: "InterfaceTests",
      dependencies: ["IO", "Analysis", "Engine", "Interface", "Markdown", "TestModels"],
      exclude: ["Snapshots"],
      swiftSettings: plain),
    .testTarget(
      name: "DocumentTests",
      dependencies: [
        "GGUF", "Inference", "Interface", "Quantization", "Sessions", "pare",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: plain),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "GGUF", "IO", "Inference", "Interface", "Quantization", "Sessions", "Templates", "Terminal",
        "TestModels",
        "Tokenization",
      ],
      path: "Tests/FuzzTargets"),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestModels"], swiftSettings: plain),
    .testTarget(
      name: "EndToEndTests", dependencies: ["GGUF", "ModelFiles", "TestModels", "pare"], swiftSettings: plain),
  ]
)

// libFuzzer brings a main function of its own, so its program can only be built with its runtime: `make fuzz`.
if Context.environment["PARE_FUZZ"] != nil {
  package.targets.append(.executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzer"))
}
