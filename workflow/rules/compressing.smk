# What the rules that compress after training ask of the study.


def compressor_files(name):
    """Return the modules that a method takes by name: its compressor, and its criterion if any."""
    method = STUDY.methods[name]
    criterion = method.get("criterion", "none")
    chosen = [] if criterion == "none" else [f"training/criteria/{criterion}"]
    return [f"training/compressors/{compressor_of(method)}", *chosen]


def compress_code(wildcards):
    """Return the digest of the code that compresses, with the one compressor of a method."""
    return code("compress", *compressor_files(wildcards.method))


def restore_code(wildcards):
    """Return the digest of the code that puts layers back, with the one compressor of a method."""
    return code("restore_layers", *compressor_files(wildcards.method))


def frontier_code():
    """Return the digest of the code that tabulates sizes, with the compressors that say them."""
    made_here = [name for name in STUDY.methods if compressor_of(STUDY.methods[name]) != GIVEN]
    used = {name for method in made_here for name in compressor_files(method)}
    return code("tabulate_frontier", *sorted(used))


def encoder_configs():
    """Return the configurations of encoders, which tell how many heads a method removes."""
    removed = any(method.get("what") == "heads" for method in STUDY.methods.values())
    made_here = removed and not STUDY.are_models_elsewhere
    return [f"results/pretrained/{model}/config.json" for model in STUDY.encoders if made_here]


def needs_gpu(wildcards):
    """Return 1 if a job can use a GPU, 0 if what it makes runs on a CPU only."""
    return int(not compressor(compressor_of(STUDY.methods[wildcards.method])).cpu_only)


def ranking(wildcards):
    """Return the table of single layers that says which are put back together."""
    if wildcards.sets == "each":
        return {}
    cell = cell_of(wildcards)
    return {"ranking": STUDY.layer_file(cell, "each.csv")}


def mixtures(wildcards):
    """Return the predictions of models of dense and compressed layers, of all blocks of a cell."""
    cell = cell_of(wildcards)
    blocks = STUDY.member_blocks(cell.model, cell.method)
    return [
        STUDY.layer_file(cell, f"seeds{block}.{wildcards.sets}.safetensors", "/")
        for block in blocks
    ]


def layer_files(suffix):
    """Return a file of this suffix of each cell whose layers are put back."""
    return [STUDY.layer_file(cell, suffix) for cell in STUDY.cells_by_layer]
