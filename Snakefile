# What users type `snakemake` beside. The workflow is workflow/Snakefile, where catalogues and `module:` look.


include: "workflow/Snakefile"


# An included file does not set the default target
rule study:
    input:
        rules.all.input,
    localrule: True
    message:
        "The study is complete"
