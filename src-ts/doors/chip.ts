/**
 * From a trained network to hardware: conversion of artificial networks, quantization, integer networks, C, operations and energy.
 *
 * @packageDocumentation
 */

export * from '../convert/index.ts';
export * from '../costs/index.ts';
export * from '../quantize/index.ts';
